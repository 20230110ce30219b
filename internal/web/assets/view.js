// How a state looks. Nothing here knows a rule of the allocator: it draws what it is given, and what a thing is called,
// what changed and why something cannot move, the server has said.
import {h, count} from './dom.js';

// links says where a section of the docs is read, if the page can show it.
export const links = {docs: null};

const signs = {new: '+', changed: '◆', gone: '✕'};

// mark tells of a change by a sign and a word.
export function mark(change) {
  return change && h('span', {class: `mark mark-${change}`}, h('span', {'aria-hidden': 'true'}, signs[change]), ` ${change}`);
}

const changed = (c) => (c ? ' is-' + c : '');

// halfClass is the pattern of half a page, by the words that the state is told in.
function halfClass(state) {
  return {'free': 'h-free', 'allocated': 'h-alloc', 'pending': 'h-pend', 'pending on rcu_head': 'h-rcu'}[state] || 'h-broken';
}

const bitNames = ['P1', 'P0', 'H1', 'H0', 'A1', 'A0'];

function bits(p) {
  const set = [...p.mask.replaceAll('|', '')].map((c) => c !== '-');
  return h('div', {class: 'mask' + changed(p.mask_change)},
    h('span', {class: 'sr'}, `mask ${p.mask}: ` + (bitNames.filter((_, i) => set[i]).join(', ') || 'no bit set')),
    h('div', {class: 'bits', 'aria-hidden': 'true'}, bitNames.map((b, i) =>
      h('span', {class: 'bit' + (set[i] ? ' on' : '')}, h('i', null, b), h('b', null, set[i] ? '1' : '·')))),
    mark(p.mask_change));
}

function half(p, i) {
  const k = p.halves[i];
  const name = p.whole ? 'whole page' : ['lower half', 'upper half'][i];
  return h('div', {class: `half ${halfClass(k.state)}${changed(k.change)}${p.whole ? ' whole' : ''}`},
    h('span', {class: 'plate'}, h('span', {class: 'half-name'}, name), ' ', h('b', null, k.state),
      k.table && h('code', null, ' ' + k.table)),
    mark(k.change));
}

function pageCard(p, shape) {
  const head = h('header', null, h('h4', null, p.name), mark(p.change === 'changed' ? '' : p.change));
  if (p.freed) {
    return h('li', {class: 'page freed' + changed(p.change), 'data-name': p.name}, head,
      h('p', {class: 'gone'}, h('span', {'aria-hidden': 'true'}, '✕ '), 'given back: free'));
  }
  return h('li', {class: 'page' + changed(p.change), 'data-name': p.name}, head,
    h('div', {class: 'frame'}, p.whole ? half(p, 0) : [half(p, 1), half(p, 0)]),
    shape.masks && bits(p),
    h('dl', {class: 'words'},
      h('div', {class: changed(p.words_change)}, h('dt', null, 'lru / rcu_head'), h('dd', null, p.words, ' ', mark(p.words_change))),
      h('div', {class: changed(p.refs_change)}, h('dt', null, 'references'), h('dd', null, p.refs, ' ', mark(p.refs_change))),
      (p.active || p.flag_change) && h('div', {class: changed(p.flag_change)}, h('dt', null, 'PageActive'), h('dd', null, p.active ? 'set' : 'clear', ' ', mark(p.flag_change)))));
}

function field(name, value, change, extra) {
  return h('div', {class: 'field' + changed(change)}, h('dt', null, name), h('dd', null, value, ' ', mark(change)), extra);
}

function chain(list, empty) {
  if (!list.length) return h('span', {class: 'none'}, empty);
  return h('span', {class: 'chain'}, list.map((n, i) => [i > 0 && h('span', {'aria-hidden': 'true', class: 'arrow'}, ' → '), h('code', null, n), i < list.length - 1 && h('span', {class: 'sr'}, ', ')]));
}

function mmCard(m, pages, shape) {
  return h('article', {class: 'mm' + (m.freed ? ' freed' : '') + changed(m.change), 'data-name': m.name},
    h('header', null, h('h3', null, m.name, m.pgste && h('small', null, ' with PGSTEs')), mark(m.change === 'changed' ? '' : m.change),
      m.freed && h('span', {class: 'stamp'}, 'freed')),
    !m.freed && h('dl', {class: 'fields'},
      field('mm_users', m.users, m.users_change),
      field('mm_count', m.count, m.count_change),
      field('context.lock', m.lock ? h('strong', null, `held by ${m.lock}`) : 'free', m.lock_change),
      field('pgtable_list', chain(m.list, 'empty'), m.list_change)),
    pages.length ? h('ul', {class: 'pages', 'aria-label': `pages of ${m.name}`}, pages.map((p) => pageCard(p, shape))) : null);
}

function waits(c) {
  if (!c.waits.length) return h('p', {class: 'may'}, h('span', {'aria-hidden': 'true'}, '● '), 'its grace period is over: it may run', c.cpu >= 0 && `, on CPU${c.cpu}`);
  return h('div', {class: 'waits'}, h('p', null, h('span', {'aria-hidden': 'true'}, '○ '), 'waits for'), h('ul', null, c.waits.map((w) => h('li', null, w))));
}

function queue(title, list, kind) {
  return h('section', {class: 'queue'}, h('h3', null, title),
    list.length ? h('ul', {class: 'cards'}, list.map((c) => h('li', {class: 'card' + changed(c.change)},
      h('header', null, h('code', null, c.name), mark(c.change)), kind === 'rcu' ? waits(c) : h('p', {class: 'may'}, 'pending')))) : h('p', {class: 'none'}, 'empty'));
}

function batches(list) {
  return h('section', {class: 'queue'}, h('h3', null, 'Batches of the gathers'),
    h('ul', {class: 'cards'}, list.map((b) => h('li', {class: `card batch-${b.state}` + changed(b.change)},
      h('header', null, h('code', null, b.name), h('b', {class: 'tag'}, b.state), mark(b.change)),
      h('p', null, b.owner + ': ', chain(b.tables, 'empty'))))));
}

function files(v) {
  return h('section', {class: 'queue'}, h('h3', null, 'Files and mappings'),
    h('ul', {class: 'cards'},
      v.files.map((f) => h('li', {class: 'card' + changed(f.change)}, h('header', null, h('code', null, f.name), mark(f.change)),
        h('p', null, 'i_mmap_rwsem: ', f.holders.length ? h('strong', null, 'held by ' + f.holders.join(', ')) : 'free'))),
      v.vmas.map((a) => h('li', {class: 'card' + changed(a.change)}, h('header', null, h('code', null, a.name), a.mm && ` of ${a.mm}`, mark(a.change)),
        h('p', null, a.linked ? 'in the i_mmap tree' : 'not in the i_mmap tree', '; pmd → ', a.table ? h('code', null, a.table) : h('span', {class: 'none'}, 'none'))))));
}

// thingCard draws an object of a lab other than the page tables: a field a line, and where a pointer leads.
function thingCard(t) {
  return h('article', {class: 'mm thing' + (t.freed ? ' freed' : '') + changed(t.change), 'data-name': t.name},
    h('header', null, h('h3', null, t.name, t.given && h('small', null, ' ' + t.kind)), mark(t.change === 'changed' ? '' : t.change),
      t.freed && h('span', {class: 'stamp'}, 'freed')),
    !t.freed && h('dl', {class: 'fields'}, t.fields.map((f) =>
      field(f.name, f.kind === 'lock' && f.busy ? h('strong', null, f.value) : f.to ? [t.drawing === 'chain' && h('span', {'aria-hidden': 'true', class: 'arrow'}, '→ '), h('code', null, f.value)] : f.value, f.change))));
}

// figure draws what a lab draws of its objects: strips of cells.
function figure(f) {
  return h('article', {class: 'mm figure'}, f.title && h('header', null, h('h3', null, f.title)),
    f.strips.map((s) => h('div', {class: 'strip'}, h('span', {class: 'label'}, s.label), s.cells.length
      ? h('ol', {class: s.chain ? 'chain' : ''}, s.cells.map((c) => h('li', {class: 'cell ' + (c.fill || 'blank')}, h('code', null, c.text || c.thing || '–'),
        (c.fill === 'pending' || c.fill === 'broken') && h('small', null, ' ' + c.fill))))
      : h('span', {class: 'none'}, s.none))));
}

// unmarked is a view without its marks: of a state that stands while something else happens.
export function unmarked(v) {
  return JSON.parse(JSON.stringify(v, (k, x) => (k === 'change' || k.endsWith('_change') ? '' : x)));
}

// legend explains the halves and the mask, in the order in which they are drawn.
export function legend() {
  const swatch = (state) => h('li', null, h('span', {class: `swatch ${halfClass(state)}`, 'aria-hidden': 'true'}), h('span', null, state));
  const bit = (b, what) => h('li', null, h('b', {class: 'legend-bit'}, b), h('span', null, what));
  return h('details', {class: 'legend', open: true}, h('summary', {'data-key': 'legend'}, 'Legend'),
    h('ul', null, ['allocated', 'pending', 'pending on rcu_head', 'free'].map(swatch)),
    h('ul', null, bit('P', 'pending'), bit('H', 'pending on the rcu_head'), bit('A', 'allocated'), bit('1', 'upper half: on top, and left in the mask'), bit('0', 'lower half')));
}

// memory draws everything that is in memory.
export function memory(v, shape) {
  const known = new Set(v.mms.map((m) => m.name));
  const strays = v.pages.filter((p) => !known.has(p.mm));
  return [
    v.figures ? h('div', {class: 'things'}, v.figures.map(figure)) : null,
    v.things ? h('div', {class: 'things'}, v.things.map(thingCard)) : null,
    v.mms.map((m) => mmCard(m, v.pages.filter((p) => p.mm === m.name), shape)),
    strays.length ? h('article', {class: 'mm'}, h('header', null, h('h3', null, 'Other pages')), h('ul', {class: 'pages'}, strays.map((p) => pageCard(p, shape)))) : null,
    h('div', {class: 'queues'},
      queue('Waiting for a grace period (RCU)', v.rcu, 'rcu'),
      v.work.length ? queue('Workqueue', v.work, 'work') : null,
      v.batches.length ? batches(v.batches) : null,
      v.files.length || v.vmas.length ? files(v) : null),
  ];
}

// shapeOf says what the views of a line have in common, so that a card keeps its shape from step to step.
export function shapeOf(views) {
  return {masks: views.some((v) => v.pages.some((p) => !p.freed && p.bits))};
}

// arrows lets a line of code break before an arrow, and never inside one.
export function arrows(text) {
  return (text || '').split('->').map((part, i) => (i ? [h('wbr'), h('span', {class: 'nb'}, '->'), part] : part));
}

// whatIf offers edits of the code: a barrier more, or one less.
export function whatIf(v, edit) {
  if (!edit || !v.what_if) return null;
  return h('section', {class: 'what-if', 'aria-label': 'what if'}, h('h3', null, 'What if?'),
    v.what_if.map((w) => h('p', null, h('button', {type: 'button', 'data-key': 'what if ' + w.edit, 'data-edit': w.edit, title: w.edit, onclick: () => edit(w)}, w.label))));
}

const kinds = {task: 'task', kworker: 'kworker', softirq: 'softirq'};

// lanes draws what each thread is about to do. With moves, each has its buttons; take is called with the move.
export function lanes(v, {selected, way, take, choose}) {
  let n = 0;
  return v.lanes.map((l) => {
    const on = l.letter === selected;
    const moves = l.moves.map((m, i) => {
      n++;
      const digit = n <= 9 ? n : 0;
      if (!take) return h('p', {class: 'about'}, m.label || l.next);
      return h('button', {type: 'button', class: 'move' + (on && i === way ? ' chosen' : ''), 'data-key': 'move ' + m.text, 'data-move': m.text, 'aria-keyshortcuts': digit || null, 'aria-label': `${l.letter} ${l.name}: ${m.label || l.next || 'go on'}`,
        onclick: (e) => { e.stopPropagation(); take(m.text); }},
        digit ? h('kbd', {'aria-hidden': 'true'}, digit) : null, h('span', {class: 'what'}, arrows(m.label || l.next || 'go on')));
    });
    return h('li', {class: `lane lane-${kinds[l.kind]} state-${l.state}${on ? ' selected' : ''}${l.moved ? ' moved' : ''}${l.moves.length ? '' : ' stuck'}`,
      'aria-current': on ? 'true' : null, 'data-lane': l.letter, onclick: choose && (() => choose(l.letter))},
      h('header', null,
        h('span', {class: 'letter', 'aria-hidden': 'true'}, l.letter),
        h('h3', null, h('span', {class: 'sr'}, l.letter + ' '), l.name, ' ', h('small', null, `CPU${l.cpu}`)),
        l.moved && h('span', {class: 'tag tag-moved'}, '◂ moved'),
        l.bh_off && h('span', {class: 'tag'}, 'BH off'),
        l.rcu_reader && h('span', {class: 'tag'}, 'in rcu_read_lock')),
      l.doing && l.state !== 'over' && h('p', {class: 'doing'}, 'in ', h('code', null, l.doing), l.at.func && [' · ', h('code', null, l.at.func + '()')]),
      l.why
        ? h('p', {class: 'why'}, h('span', {'aria-hidden': 'true'}, l.state === 'over' ? '✓ ' : '⊘ '), l.why, l.next && l.state !== 'over' && l.state !== 'idle' && h('span', {class: 'then'}, ' Next: ', h('code', null, arrows(l.next))))
        : moves);
  });
}

// away is a link that leads out of the page.
const away = (url, text) => h('a', {href: url, target: '_blank', rel: 'noopener noreferrer'}, text);

// cites lists where a rule is from, each as a link if it can be read from here.
export function cites(list) {
  const link = (c) => {
    if (c.url) return away(c.url, c.where);
    const to = c.kind === 'docs' && links.docs && links.docs(c.where);
    return to ? h('a', {href: to}, c.where) : c.where;
  };
  return list && list.length ? h('ul', {class: 'cites', 'aria-label': 'sources'}, list.map((c) => h('li', null, h('span', {class: 'tag'}, c.kind), ' ', link(c)))) : null;
}

// happened draws what the last step did.
export function happened(v, of) {
  const d = v.did;
  if (!d) return [h('p', {class: 'kicker'}, of ? `The first state · ${count(of, 'step')} ahead` : 'The first state'), h('p', {class: 'sentence'}, of ? 'Nothing has happened yet.' : 'Nothing has happened yet. You are the scheduler: choose which thread takes the next step.')];
  const shown = d.changes;
  return [
    h('p', {class: 'kicker'}, `Step ${v.step}${of > v.step ? ` of ${of}` : ''} · `, h('b', null, `${d.letter} ${d.name}`), ` on CPU${d.cpu}`, d.switch && h('span', {class: 'tag'}, 'another CPU')),
    h('p', {class: 'sentence'}, arrows(d.sentence.text)),
    h('p', {class: 'primitive'}, h('span', {class: 'sr'}, 'the primitive: '), h('code', null, arrows(d.text))),
    shown.length ? [h('h3', null, 'What changed'), h('ul', {class: 'changes'}, shown.map((c) => h('li', null, h('span', {'aria-hidden': 'true'}, '◆ '), arrows(c))))]
      : !v.violation && h('p', {class: 'none'}, 'Nothing changed that is shown here.'),
    d.sentence.rule && h('blockquote', {class: 'rule'}, h('p', null, arrows(d.sentence.rule)), cites(d.sentence.cites)),
    d.plain.length ? h('details', null, h('summary', {'data-key': 'plain'}, `${count(d.plain.length, 'plain access', 'plain accesses')} before it`), h('ol', {class: 'accesses'}, d.plain.map((p) => h('li', null, h('code', null, p))))) : null,
  ];
}

// covers says what it covers that nothing breaks: first what was tried, then what no schedule came to.
export function covers(lines) {
  if (!lines || !lines.length) return null;
  const [of, what, ...missed] = lines;
  return h('div', {class: 'covers'}, h('p', null, h('b', null, of), `: ${what}.`),
    missed.length > 0 && h('details', null, h('summary', {'data-key': 'covers'}, `${count(missed.length, 'place')} that no schedule came to`), h('ul', null, missed.map((l) => h('li', null, l)))));
}

// spoken is what a screen reader says of a step.
export function spoken(v, of) {
  const d = v.did;
  if (!d) return `The first state, ${of} steps ahead.`;
  const bad = v.violation ? ` Violation: ${v.violation.sentence}.` : v.ended ? ' The schedule ends here: all is done.' : '';
  return `Step ${v.step}. ${d.sentence.text} ${d.changes.join('; ')}.${bad}`;
}

// banner says that something is broken, or that all is done.
export function banner(v) {
  if (v.violation) {
    return h('div', {class: 'banner bad'}, h('h2', null, h('span', {'aria-hidden': 'true'}, '✖ '), 'Violation: ', v.violation.kind), h('p', {class: 'sentence'}, arrows(v.violation.sentence)),
      h('details', null, h('summary', {'data-key': 'splat'}, 'what the kernel’s own checks would print'), h('pre', {tabindex: 0, 'aria-label': 'splat', 'data-key': 'splat text'}, v.violation.splat)));
  }
  if (v.ended) return h('div', {class: 'banner good'}, h('h2', null, h('span', {'aria-hidden': 'true'}, '✓ '), 'All is done'), h('p', null, 'Every task and callback has ended, and nothing is broken.'));
  return null;
}

const words = /(\/\/.*$)|("(?:[^"\\]|\\.)*")|\b(func|return|if|else|for|range|switch|case|default|defer|var|const|type|struct|go|continue|break|nil|true|false)\b/g;

function colour(text, file) {
  if (!file.endsWith('.go')) {
    const at = text.indexOf('#');
    return at < 0 ? text : [text.slice(0, at), h('span', {class: 'c-note'}, text.slice(at))];
  }
  const out = [];
  let at = 0;
  for (const m of text.matchAll(words)) {
    if (m.index > at) out.push(text.slice(at, m.index));
    out.push(h('span', {class: m[1] ? 'c-note' : m[2] ? 'c-text' : 'c-word'}, m[0]));
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out;
}

// source draws the lines around a place. marks names other lines, by number.
export function source(text, at, marks, around = 7) {
  const lines = text.replace(/\n$/, '').split('\n');
  const from = Math.max(1, at.line - around), to = Math.min(lines.length, at.line + around);
  const list = [];
  for (let n = from; n <= to; n++) {
    list.push(h('li', {class: n === at.line ? 'here' : '', 'aria-current': n === at.line ? 'true' : null},
      h('span', {class: 'number', 'aria-hidden': 'true'}, n), h('code', null, colour(lines[n - 1].replaceAll('\t', '    '), at.file)),
      marks[n] && h('span', {class: 'flag'}, marks[n])));
  }
  return h('ol', {class: 'code', tabindex: 0, 'data-key': 'code', 'aria-label': `${at.file}, lines ${from} to ${to}`}, list);
}
