// Side by side: the schedule that is shown, followed on another version.
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

  show(c) {
    this.c = c;
    this.rows = unpack(c.rows);
    this.shape = draw.shapeOf(this.rows.flatMap((r) => [r.left, r.right].filter(Boolean)));
    this.at = Math.max(c.first, 0);
    this.range = h('input', {type: 'range', min: 0, max: this.rows.length - 1, 'aria-label': 'row', 'data-key': 'row', oninput: () => this.go(Number(this.range.value))});
    this.where = h('output', {class: 'where'});
    this.why = h('div');
    this.sides = h('div', {class: 'sides'});
    this.list = h('tbody');
    fill(this.box,
      h('h2', null, `${c.left_name} beside ${c.right_name}`),
      h('p', {class: 'sentence'}, c.sentence),
      h('div', {class: 'bar'}, h('div', {class: 'transport'},
        h('button', {type: 'button', 'data-key': 'row back', onclick: () => this.go(this.at - 1)}, '◀ Row back'),
        h('button', {type: 'button', class: 'primary', 'data-key': 'row on', onclick: () => this.go(this.at + 1)}, 'Next row ▶'),
        c.first >= 0 && h('button', {type: 'button', 'data-key': 'row first', onclick: () => this.go(c.first)}, 'First difference'), this.where, this.range),
        h('div', {class: 'extra'}, h('button', {type: 'button', 'data-key': 'row open', onclick: () => this.open(c.right_link)}, `Step through ${c.right_name}`), h('button', {type: 'button', 'data-key': 'row close', onclick: this.close}, 'Close'))),
      this.why, this.sides,
      h('details', {class: 'rows'}, h('summary', null, `All ${count(this.rows.length, 'row')}`),
        h('div', {class: 'wide-table', tabindex: 0, role: 'region', 'aria-label': 'rows'}, h('table', null, h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Row'), h('th', {scope: 'col'}, c.left_name), h('th', {scope: 'col'}, c.right_name), h('th', {scope: 'col'}, ''))), this.list))));
    this.render();
  }

  go(i) {
    this.at = Math.max(0, Math.min(this.rows.length - 1, i));
    this.render();
  }

  // stands is the state that a side stands in at the row: that of its last step.
  stands(side) {
    for (let i = this.at; i >= 0; i--) if (this.rows[i][side]) return this.rows[i][side];
    return null;
  }

  side(side, name, end) {
    const row = this.rows[this.at], v = this.stands(side);
    const own = row[side] && row[side].did;
    return h('section', {class: 'side', 'aria-label': name},
      h('h3', null, name, own && h('small', null, ` step ${row[side].step}`)),
      this.at === 0 ? h('p', {class: 'none'}, 'The first state.') : own
        ? h('div', null, h('p', {class: 'kicker'}, h('b', null, `${own.letter} ${own.name}`), ` on CPU${own.cpu}`), h('p', {class: 'sentence'}, own.sentence.text), h('p', {class: 'primitive'}, h('code', null, own.text)))
        : h('p', {class: 'none'}, '— no step here', row.note && `: ${row.note}`),
      v.violation && h('div', {class: 'banner bad'}, h('p', null, h('b', null, '✖ Violation: ', v.violation.kind)), h('p', null, v.violation.sentence)),
      h('div', {class: 'memory'}, draw.memory(row[side] ? v : draw.unmarked(v), this.shape)),
      this.at === this.rows.length - 1 && h('p', {class: 'end'}, end));
  }

  render() {
    const row = this.rows[this.at], c = this.c;
    this.range.value = this.at;
    const text = `row ${this.at} of ${this.rows.length - 1}` + (this.at === c.first ? ': the first difference' : row.differs ? ': they differ' : '');
    this.range.setAttribute('aria-valuetext', text);
    fill(this.where, text);
    const what = row.what && row.what.length ? h('ul', {class: 'changes'}, row.what.map((w) => h('li', null, h('span', {'aria-hidden': 'true'}, '≠ '), w))) : null;
    fill(this.why, row.differs || this.at === c.first
      ? h('div', {class: 'banner ' + (this.at === c.first ? 'warn' : 'plain'), role: 'status'}, h('p', null, h('b', null, h('span', {'aria-hidden': 'true'}, '≠ '), this.at === c.first ? 'The first difference' : 'They differ')), row.why ? h('p', {class: 'sentence'}, row.why) : what)
      : row.note && h('div', {class: 'banner plain', role: 'status'}, h('p', null, row.note)));
    fill(this.sides, this.side('left', c.left_name, c.left_end), this.side('right', c.right_name, c.right_end));
    const cell = (v) => h('td', null, v && v.did ? [h('b', null, v.did.letter), ' ', h('code', null, v.did.text)] : '');
    fill(this.list, this.rows.map((r, i) => h('tr', {class: (i === this.at ? 'on' : '') + (i === c.first ? ' first' : '')},
      h('th', {scope: 'row'}, h('button', {type: 'button', 'data-key': `row ${i}`, 'aria-current': i === this.at ? 'true' : null, onclick: () => this.go(i)}, i)),
      cell(r.left), cell(r.right), h('td', null, i === c.first ? 'first difference' : r.differs ? 'differ' : ''))));
  }

  key(e) {
    if (e.ctrlKey || e.altKey || e.metaKey || ['INPUT', 'SELECT', 'TEXTAREA'].includes(e.target.tagName)) return;
    const does = {ArrowRight: () => this.go(this.at + 1), n: () => this.go(this.at + 1), ArrowLeft: () => this.go(this.at - 1), b: () => this.go(this.at - 1),
      Home: () => this.go(0), End: () => this.go(this.rows.length - 1), Escape: this.close}[e.key];
    if (!does) return;
    does();
    e.preventDefault();
    e.stopPropagation();
  }
}
