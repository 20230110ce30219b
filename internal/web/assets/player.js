// The stepper: a schedule in the hands of the user, on the page and in a file of its own alike. What it cannot do itself,
// to take a step that nobody has taken, it asks of take, which a file has not.
import {h, svg, fill, count} from './dom.js';
import {Tree, schedule} from './tree.js';
import {Timeline} from './timeline.js';
import {Autoplay} from './autoplay.js';
import * as draw from './view.js';

export const keyWords = [
  ['Space, Enter, →, n', 'step the chosen thread'],
  ['←, Backspace, b', 'one step back'],
  ['Home, g', 'the first state'],
  ['End, G', 'the last step of this try'],
  ['↑ ↓, A … H', 'choose a thread'],
  ['1 … 9', 'take the move of that number'],
  ['[ ]', 'the try before, the next try'],
  ['r', 'play the schedule by itself, and stop'],
  ['t', 'the tree of tries'],
  ['v', 'run to the next violation'],
  ['p', 'predict: questions before each step'],
  ['c', 'another variant beside this one'],
  ['m', 'this schedule under each memory model'],
  ['h, i, f', 'of a level: a hint; say that it is impossible; to the repairs that it has'],
  ['l', 'copy the link'],
  ['s', 'source on and off'],
  ['?', 'these keys'],
];

export class Player {
  // hooks: take(link, move) gives the view that a step leads to; text(file) a source; shown(node) is told of every state;
  // before(node, move) may hold a step back; drawn() is called when all is drawn; keys are more keys, by name.
  constructor(root, hooks) {
    this.root = root;
    this.hooks = hooks;
    this.files = new Map();
    this.showSource = true;
    this.showTree = false;
    this.which = 'done';
    this.build();
  }

  build() {
    const b = (key, label, sign, short, on) => h('button', {type: 'button', class: 'icon', 'data-key': key, 'aria-label': label, 'aria-keyshortcuts': short, title: `${label} (${short})`, onclick: on}, svg('svg', {viewBox: '0 0 16 16', 'aria-hidden': 'true'}, svg('path', {d: sign})));
    this.live = h('div', {class: 'sr', role: 'status', 'aria-live': 'polite', 'aria-atomic': 'true'});
    this.where = h('output', {class: 'where'});
    this.buttons = {
      first: b('first', 'First state', 'M2 2h2v12H2zM14 2v12L5 8z', 'Home', () => this.seek(0)),
      back: b('back', 'Step back', 'M12 2v12L3 8z', 'ArrowLeft', () => this.back()),
      step: h('button', {type: 'button', class: 'primary', 'data-key': 'step', 'aria-keyshortcuts': 'Space', onclick: () => this.step()}),
      last: b('last', 'Last step', 'M12 2h2v12h-2zM2 2v12l9-6z', 'End', () => this.seek(Infinity)),
    };
    this.auto = new Autoplay(this);
    this.extra = h('div', {class: 'extra'});
    this.bar = h('div', {class: 'bar', role: 'group', 'aria-label': 'steps'}, h('div', {class: 'transport'}, Object.values(this.buttons), this.where, this.auto.box), this.extra);
    this.timeline = new Timeline((n) => this.seek(n));
    this.tree = h('section', {class: 'tree', 'aria-label': 'the tree of tries', hidden: true});
    this.note = h('div', {class: 'notes', role: 'region', 'aria-label': 'messages'});
    this.lanes = h('ol', {class: 'lanes'});
    this.legend = draw.legend();
    this.memory = h('div', {class: 'memory'});
    this.happened = h('div', {class: 'happened'});
    this.source = h('div', {class: 'source'});
    this.heads = {lanes: h('h2', null, 'Threads'), memory: h('h2', null, 'Memory'), happened: h('h2', null, 'What happened')};
    this.ask = h('div', {class: 'ask'});
    fill(this.root,
      this.live, this.bar, this.timeline.box, this.tree, this.note,
      h('div', {class: 'columns'},
        h('section', {class: 'col col-lanes', 'aria-label': 'threads'}, this.heads.lanes, this.lanes),
        h('section', {class: 'col col-memory', 'aria-label': 'memory'}, this.heads.memory, this.legend, this.memory),
        h('section', {class: 'col col-happened', 'aria-label': 'what happened'}, this.ask, this.heads.happened, this.happened, this.source)));
    this.auto.watch(this.root);
    this.root.addEventListener('keydown', (e) => this.key(e));
    this.root.addEventListener('keypress', (e) => { if (e.target === this.root) e.preventDefault(); });
  }

  // load shows a line of views, at a step.
  load(views, path, step) {
    this.tries = new Tree(views, path);
    let n = this.tries.root;
    while (n.last && n.view.step < step) n = n.last;
    this.verdict = null;
    this.stale = '';
    this.busy = false;
    this.auto.stop();
    this.show(n, true);
  }

  get at() { return this.tries.at; }

  show(n, quiet) {
    this.tries.go(n);
    this.verdict = null;
    this.choose(...this.preferred());
    this.which = n.view.did ? 'done' : 'next';
    this.render();
    if (!quiet) this.say(draw.spoken(n.view, this.tries.line().length - 1));
    if (this.hooks.shown) this.hooks.shown(n);
  }

  say(text) {
    this.live.textContent = '';
    this.live.textContent = text;
  }

  // preferred is who goes on: as it went on before, or the one that moved last, or the first that can.
  preferred() {
    const {view, last} = this.at;
    if (last) {
      const {letter, move} = last.view.did;
      return [letter, true, Math.max(0, view.lanes.find((l) => l.letter === letter).moves.findIndex((m) => m.text === move))];
    }
    const can = view.lanes.filter((l) => l.moves.length);
    const same = view.did && can.find((l) => l.letter === view.did.letter);
    return [(same || can[0] || (view.did && view.lanes.find((l) => l.moved)) || view.lanes[0]).letter, true, 0];
  }

  choose(letter, quiet, way = 0) {
    this.lane = letter;
    this.way = way;
    if (quiet) return;
    this.render();
    const l = this.at.view.lanes.find((k) => k.letter === letter);
    const m = l.moves[way];
    this.say(`${letter} ${l.name} on CPU${l.cpu}: ` + (l.why || (l.moves.length > 1 ? `one of ${l.moves.length} moves: ` : '') + (m.label || l.next)));
    this.lanes.querySelector('.selected')?.scrollIntoView({block: 'nearest'});
  }

  render() {
    this.root.dataset.step = this.at.view.step;
    const {view} = this.at, line = this.tries.line(), end = line.length - 1;
    if (this.shapeFor !== this.tries) this.shape = draw.shapeOf(line.map((n) => n.view)), this.shapeFor = this.tries;
    this.legend.hidden = Boolean(view.things); // it is of halves and masks
    if (!this.shape.masks) this.shape = draw.shapeOf([view]);
    this.buttons.first.disabled = this.buttons.back.disabled = !this.at.parent;
    this.buttons.last.disabled = !this.at.last;
    const can = this.canStep();
    const lane = view.lanes.find((l) => l.letter === this.lane);
    this.buttons.step.disabled = !can;
    if (document.activeElement?.disabled) this.root.focus({preventScroll: true});
    fill(this.buttons.step, h('span', {'aria-hidden': 'true'}, '▶ '), `Step ${this.lane}`, h('span', {class: 'wide'}, ` ${lane.name}`));
    fill(this.where, h('b', null, view.step), ` of ${end}`);
    this.timeline.render(line, this.at);
    fill(this.note, this.stale && h('div', {class: 'banner warn', role: 'alert'}, h('h2', null, h('span', {'aria-hidden': 'true'}, '⚠ '), 'This link has gone stale'), h('p', null, this.stale, '. It is shown as far as it still fits.')),
      draw.banner(view), this.verdict);
    fill(this.lanes, draw.lanes(view, {selected: this.lane, way: this.way, take: this.hooks.take && ((m) => this.take(m)), choose: (l) => this.choose(l)}), draw.whatIf(view, this.hooks.whatIf && ((e) => this.hooks.whatIf(this.tries.link(), e))));
    this.legend.hidden = !this.shape.masks;
    this.memory.classList.toggle('many', view.pages.length > 6);
    fill(this.memory, draw.memory(view, this.shape));
    fill(this.happened, draw.happened(view, end));
    this.auto.render();
    this.renderTree();
    this.renderSource();
    if (this.hooks.drawn) this.hooks.drawn();
  }

  canStep() {
    const lane = this.at.view.lanes.find((l) => l.letter === this.lane);
    if (!this.hooks.take) return this.at.children.some((c) => c.view.did.letter === this.lane);
    return lane.moves.length > 0;
  }

  async renderSource() {
    const {view} = this.at;
    const lane = view.lanes.find((l) => l.letter === this.lane);
    const next = lane.at, done = view.did && view.did.at;
    const which = this.which === 'done' && done && done.file ? 'done' : 'next';
    const at = which === 'done' ? done : next;
    const tab = (name, label, place) => h('button', {type: 'button', 'data-key': 'src ' + name, 'aria-pressed': String(which === name), disabled: !place || !place.file, onclick: () => { this.which = name; this.renderSource(); }}, label);
    const head = h('div', {class: 'source-head'}, h('h2', null, 'Source'), h('div', {class: 'switch', role: 'group', 'aria-label': 'which line'}, tab('done', 'just done', done), tab('next', `next of ${this.lane}`, next)));
    this.source.hidden = !this.showSource;
    if (!this.showSource) return;
    if (!at || !at.file) {
      fill(this.source, head, h('p', {class: 'none'}, 'There is no line of code for this.'));
      return;
    }
    let text = this.files.get(at.file);
    if (text === undefined) {
      const where = this.at;
      try { text = await this.hooks.text(at.file); } catch (e) { text = ''; }
      this.files.set(at.file, text);
      if (this.at !== where) return;
    }
    const marks = {};
    if (next && next.file === at.file) marks[next.line] = `◀ ${this.lane} next`;
    if (done && done.file === at.file) marks[done.line] = '◀ just done';
    fill(this.source, head,
      h('p', {class: 'file'}, h('code', null, `${at.file}:${at.line}`), at.func && h('span', null, ` ${at.func}()`)),
      text ? draw.source(text, at, marks) : h('p', {class: 'none'}, 'The source is not here.'));
  }

  renderTree() {
    this.tree.hidden = !this.showTree;
    if (!this.showTree) return;
    const line = new Set(this.tries.line());
    const item = (run, parentStep) => {
      const own = run.steps.filter((n) => n.view.did);
      const v = run.end.view;
      const here = run.steps.includes(this.at);
      const label = own.length ? `from step ${parentStep}: ${schedule(own)}` : 'the first state';
      return h('li', {class: line.has(run.steps[0]) ? 'on-line' : ''},
        h('button', {type: 'button', 'data-key': `try ${run.end.id}`, 'aria-current': here ? 'true' : null, onclick: () => this.show(run.end)},
          here && h('span', {'aria-hidden': 'true'}, '● '), h('code', null, label), ` · ${count(own.length, 'step')}`,
          v.violation ? ` · ✖ ${v.violation.kind}` : v.ended ? ' · ✓ all done' : '', here && h('span', {class: 'sr'}, ' (shown)')),
        run.forks.length > 0 && h('ul', null, run.forks.map((f) => item(f, v.step))));
    };
    fill(this.tree, h('h2', null, 'Tries'), h('p', {class: 'none'}, 'Each branch is another way that the schedule went. Step from an earlier state to begin one.'), h('ul', null, item(this.tries.runs(), 0)));
  }

  back() { if (this.at.parent) this.show(this.at.parent); }

  seek(step) {
    const line = this.tries.line();
    const n = line[Math.max(0, Math.min(step, line.length - 1))];
    if (n !== this.at) this.show(n);
  }

  // step has the chosen lane take its step.
  step() {
    const {view} = this.at;
    const lane = view.lanes.find((l) => l.letter === this.lane);
    const known = this.at.children.find((c) => c.view.did.letter === this.lane);
    if (!this.hooks.take) return known && this.show(known);
    if (!lane.moves.length) return this.say(`${lane.letter} ${lane.name} cannot move: ${lane.why}`);
    return this.take((lane.moves[this.way] || lane.moves[0]).text);
  }

  async take(move) {
    if (this.busy) return;
    const from = this.at;
    this.busy = true;
    try {
      if (this.hooks.before && !(await this.hooks.before(from, move))) return;
      if (this.at !== from) return;
      let next = this.tries.child(from, move);
      if (!next) {
        const view = await this.hooks.take(this.tries.link(), move);
        if (this.at !== from) return;
        next = this.tries.grow(from, view, view.path);
      }
      this.show(next);
    } catch (e) {
      this.fail(e);
    } finally {
      this.busy = false;
    }
  }

  fail(e) {
    this.tell(h('div', {class: 'banner warn'}, h('p', null, h('span', {'aria-hidden': 'true'}, '⚠ '), e.message)), e.message);
  }

  // tell shows a message until the next step.
  tell(box, text) {
    this.verdict = box;
    this.render();
    if (text) this.say(text);
  }

  // branch goes to the end of another try.
  branch(by) {
    const ends = this.tries.ends();
    if (ends.length < 2) return this.say('There is only one try so far.');
    const line = this.tries.line();
    const i = ends.indexOf(line[line.length - 1]);
    this.show(ends[(i + by + ends.length) % ends.length]);
  }

  // moveLane goes through the lanes, and through the ways that one can go.
  moveLane(by) {
    const all = this.at.view.lanes.flatMap((l) => (l.moves.length ? l.moves.map((_, way) => [l.letter, way]) : [[l.letter, 0]]));
    const i = all.findIndex(([letter, way]) => letter === this.lane && way === this.way);
    const [letter, way] = all[(i + by + all.length) % all.length];
    this.choose(letter, false, way);
  }

  toggleTree() { this.showTree = !this.showTree; this.render(); this.say(this.showTree ? 'tree of tries shown' : 'tree of tries hidden'); }
  toggleSource() { this.showSource = !this.showSource; this.render(); this.say(this.showSource ? 'source shown' : 'source hidden'); }

  key(e) {
    if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented) return;
    const tag = e.target.tagName;
    const types = tag === 'TEXTAREA' || tag === 'SELECT' || tag === 'INPUT' && e.target.type !== 'range';
    if (types) return;
    const range = tag === 'INPUT', presses = tag === 'BUTTON' || tag === 'SUMMARY' || tag === 'A';
    const scrolls = e.target.classList.contains('code') || tag === 'PRE';
    const k = e.key;
    if (presses && (k === 'Enter' || k === ' ')) return;
    if (range && (k.startsWith('Arrow') || k === 'Home' || k === 'End')) return;
    if (scrolls && k.startsWith('Arrow')) return;
    if (!this.press(k)) return;
    e.preventDefault();
    e.stopPropagation();
  }

  // press does what a key is for, and tells whether it is for anything.
  press(k) {
    const lane = this.at.view.lanes.find((l) => l.letter === k);
    if (lane) return this.choose(lane.letter), true;
    const does = {
      ' ': () => this.step(), Enter: () => this.step(), ArrowRight: () => this.step(), n: () => this.step(),
      ArrowLeft: () => this.back(), Backspace: () => this.back(), b: () => this.back(),
      Home: () => this.seek(0), g: () => this.seek(0), End: () => this.seek(Infinity), G: () => this.seek(Infinity),
      ArrowUp: () => this.moveLane(-1), ArrowDown: () => this.moveLane(1),
      '[': () => this.branch(-1), ']': () => this.branch(1), r: () => this.auto.toggle(), t: () => this.toggleTree(), s: () => this.toggleSource(),
      ...this.hooks.keys,
    }[k];
    if (does && does() !== null) return true;
    if (k >= '1' && k <= '9' && k.length === 1) {
      const m = this.at.view.lanes.flatMap((l) => l.moves)[Number(k) - 1];
      if (m && this.hooks.take) this.take(m.text);
      else this.say(`There is no move ${k}.`);
      return true;
    }
    const other = this.at.view.lanes.find((l) => l.letter === k.toUpperCase());
    if (other && k.length === 1) return this.choose(other.letter), true;
    return false;
  }
}
