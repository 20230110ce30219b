// Side by side: the schedule that is shown, followed on another variant, or under each memory model.
import {h, fill, count} from './dom.js';
import {unpack} from './pack.js';
import * as draw from './view.js';

export class Beside {
  // open is called with a link that is to be stepped through.
  constructor(box, {open, close}) {
    this.box = box;
    this.open = open;
    this.close = close;
    this.box.addEventListener('keydown', (e) => this.key(e));
  }

  // show shows columns: name, end and link of each. A row has a view for each column, null where it has no step there.
  show(c) {
    this.c = c;
    this.shape = draw.shapeOf(c.rows.flatMap((r) => r.views.filter(Boolean)));
    this.at = Math.max(c.first, 0);
    this.range = h('input', {type: 'range', min: 0, max: c.rows.length - 1, 'aria-label': 'row', 'data-key': 'row', oninput: () => this.go(Number(this.range.value))});
    this.where = h('output', {class: 'where'});
    this.why = h('div');
    this.sides = h('div', {class: 'sides', 'data-columns': c.columns.length});
    this.list = h('tbody');
    const open = (col, key) => h('button', {type: 'button', 'data-key': key, onclick: () => this.open(col.link)}, `Step through ${col.name}`);
    fill(this.box,
      h('h2', null, c.title),
      h('p', {class: 'sentence'}, c.sentence),
      h('div', {class: 'bar'}, h('div', {class: 'transport'},
        h('button', {type: 'button', 'data-key': 'row back', onclick: () => this.go(this.at - 1)}, '◀ Row back'),
        h('button', {type: 'button', class: 'primary', 'data-key': 'row on', onclick: () => this.go(this.at + 1)}, 'Next row ▶'),
        c.first >= 0 && h('button', {type: 'button', 'data-key': 'row first', onclick: () => this.go(c.first)}, c.words.go), this.where, this.range),
        h('div', {class: 'extra'}, c.columns.map((col, i) => col.own || open(col, i === c.columns.length - 1 ? 'row open' : `row open ${i}`)), h('button', {type: 'button', 'data-key': 'row close', onclick: this.close}, 'Close'))),
      this.why, this.sides,
      h('details', {class: 'rows'}, h('summary', null, `All ${count(c.rows.length, 'row')}`),
        h('div', {class: 'wide-table', tabindex: 0, role: 'region', 'aria-label': 'rows'}, h('table', null, h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Row'), c.columns.map((col) => h('th', {scope: 'col'}, col.name)), h('th', {scope: 'col'}, ''))), this.list))));
    this.render();
  }

  go(i) {
    this.at = Math.max(0, Math.min(this.c.rows.length - 1, i));
    this.render();
  }

  // stands is the state that a column stands in at the row: that of its last step.
  stands(i) {
    for (let n = this.at; n >= 0; n--) if (this.c.rows[n].views[i]) return this.c.rows[n].views[i];
    return null;
  }

  side(col, i) {
    const row = this.c.rows[this.at], v = this.stands(i), view = row.views[i];
    const own = view && view.did;
    return h('section', {class: 'side', 'aria-label': col.name},
      h('h3', null, col.name, own && h('small', null, ` step ${view.step}`)),
      this.at === 0 ? h('p', {class: 'none'}, 'The first state.') : own
        ? h('div', null, h('p', {class: 'kicker'}, h('b', null, `${own.letter} ${own.name}`), ` on CPU${own.cpu}`), h('p', {class: 'sentence'}, draw.arrows(own.sentence.text)), h('p', {class: 'primitive'}, h('code', null, draw.arrows(own.text))))
        : h('p', {class: 'none'}, '— ', draw.arrows(row.notes[i])),
      v.violation && h('div', {class: 'banner bad'}, h('p', null, h('b', null, '✖ Violation: ', v.violation.kind)), h('p', null, v.violation.sentence)),
      h('div', {class: 'memory'}, draw.memory(view ? v : draw.unmarked(v), this.shape)),
      this.at === this.c.rows.length - 1 && h('p', {class: 'end'}, col.end));
  }

  render() {
    const {c} = this, row = c.rows[this.at], first = this.at === c.first;
    this.range.value = this.at;
    const text = `row ${this.at} of ${c.rows.length - 1}` + (first ? `: ${c.words.first}` : row.differs ? ': they differ' : '');
    this.range.setAttribute('aria-valuetext', text);
    fill(this.where, text);
    const what = row.what && row.what.length ? h('ul', {class: 'changes'}, row.what.map((w) => h('li', null, h('span', {'aria-hidden': 'true'}, '≠ '), w))) : null;
    fill(this.why, row.differs || first
      ? h('div', {class: 'banner ' + (first ? 'warn' : 'plain'), role: 'status'}, h('p', null, h('b', null, h('span', {'aria-hidden': 'true'}, '≠ '), first ? c.words.heading : 'They differ')), row.why ? h('p', {class: 'sentence'}, draw.arrows(row.why)) : what)
      : row.note && h('div', {class: 'banner plain', role: 'status'}, h('p', null, draw.arrows(row.note))));
    fill(this.sides, c.columns.map((col, i) => this.side(col, i)));
    const cell = (v) => h('td', null, v && v.did ? [h('b', null, v.did.letter), ' ', h('code', null, v.did.text)] : '');
    fill(this.list, c.rows.map((r, i) => h('tr', {class: (i === this.at ? 'on' : '') + (i === c.first ? ' first' : '')},
      h('th', {scope: 'row'}, h('button', {type: 'button', 'data-key': `row ${i}`, 'aria-current': i === this.at ? 'true' : null, onclick: () => this.go(i)}, i)),
      r.views.map(cell), h('td', null, i === c.first ? c.words.first.replace('the ', '') : r.differs ? 'differ' : ''))));
  }

  key(e) {
    if (e.ctrlKey || e.altKey || e.metaKey || ['INPUT', 'SELECT', 'TEXTAREA'].includes(e.target.tagName)) return;
    const does = {ArrowRight: () => this.go(this.at + 1), n: () => this.go(this.at + 1), ArrowLeft: () => this.go(this.at - 1), b: () => this.go(this.at - 1),
      Home: () => this.go(0), End: () => this.go(this.c.rows.length - 1), Escape: this.close}[e.key];
    if (!does) return;
    does();
    e.preventDefault();
    e.stopPropagation();
  }
}

// variants are two variants on one schedule, as the server compares them.
export function variants(c) {
  const rows = unpack(c.rows).map((r) => {
    const note = 'no step here' + (r.note ? `: ${r.note}` : '');
    return {...r, views: [r.left, r.right], notes: [note, note]};
  });
  return {title: `${c.left_name} beside ${c.right_name}`, sentence: c.sentence, rows, first: c.first,
    columns: [{name: c.left_name, end: c.left_end, link: c.left_link, own: true}, {name: c.right_name, end: c.right_end, link: c.right_link}],
    words: {go: 'First difference', first: 'the first difference', heading: 'The first difference'}};
}

// models are the memory models on one schedule: a row for each of its steps.
export function models(m) {
  const note = (u, i) => {
    if (i <= u.steps || u.whole) return 'this is no step of its own here';
    if (i > u.steps + 1) return `not reached: step ${u.steps + 1} is not possible`;
    return 'not possible' + (u.instead.length ? `. Instead: ${u.instead.join(', or ')}` : '');
  };
  const rows = unpack(m.rows).map((r, i) => {
    if (i === 0) return {views: r.views, notes: []};
    const s = m.steps[i - 1], text = `Step ${i}, ${s.who}: ${s.text}. ${s.stale || ''}`;
    return {views: r.views, notes: m.under.map((u) => note(u, i)), note: text, why: text};
  });
  return {title: 'One schedule under each memory model', sentence: m.sentence, rows, first: m.first < 0 ? -1 : m.first + 1,
    columns: m.under.map((u) => ({name: u.memory, end: u.end, link: u.link})),
    words: {go: 'Where they part', first: 'the first step that not all allow', heading: m.sentence}};
}
