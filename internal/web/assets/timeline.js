// The timeline: a row for each thread, a column for each step, and the way that the schedule takes through them.
import {h, svg} from './dom.js';

const row = 22, left = 12, thumb = 16;

export class Timeline {
  constructor(seek) {
    this.seek = seek;
    this.names = h('ul', {class: 'tl-names', 'aria-hidden': 'true'});
    this.range = h('input', {type: 'range', min: 0, max: 0, value: 0, 'aria-label': 'step', 'data-key': 'range', oninput: () => this.seek(Number(this.range.value))});
    this.picture = h('div', {'aria-hidden': 'true'});
    this.scroll = h('div', {class: 'tl-scroll'}, this.picture, this.range);
    this.box = h('div', {class: 'timeline'}, this.names, this.scroll);
    let width = 0;
    new ResizeObserver(() => {
      if (this.scroll.clientWidth !== width && this.shown) this.render(...this.shown);
      width = this.scroll.clientWidth;
    }).observe(this.box);
  }

  render(line, at) {
    this.shown = [line, at];
    const n = line.length - 1;
    const now = line.indexOf(at);
    const moved = new Set(line.map((k) => k.view.did && k.view.did.letter));
    const lanes = line[0].view.lanes.filter((l) => l.kind === 'task' || moved.has(l.letter));
    const rows = new Map(lanes.map((l, i) => [l.letter, i]));
    this.names.replaceChildren(...lanes.map((l) => h('li', {class: at.view.lanes.find((k) => k.letter === l.letter)?.moved ? 'on' : ''},
      h('b', null, l.letter), h('span', null, ' ' + l.name))));
    const view = this.scroll.clientWidth;
    const w = n > 120 ? 13 : Math.max(16, Math.min(34, (view - 2 * left) / Math.max(n, 1)));
    const width = Math.max(left * 2 + n * w, view), height = lanes.length * row;
    const x = (i) => left + (i - 0.5) * w;
    const y = (k) => (rows.get(k.view.did.letter) + 0.5) * row;
    const s = svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, class: 'tl-svg',
      onclick: (e) => {
        const r = s.getBoundingClientRect();
        this.seek(Math.max(0, Math.min(n, Math.round((e.clientX - r.left - left) / w + 0.5))));
      }});
    lanes.forEach((l, i) => s.append(svg('line', {class: 'tl-lane', x1: 0, x2: width, y1: (i + 0.5) * row, y2: (i + 0.5) * row})));
    s.append(svg('line', {class: 'tl-now', x1: left + now * w, x2: left + now * w, y1: 0, y2: height}));
    const path = line.slice(1).map((k, i) => `${i ? 'L' : 'M'}${x(i + 1)} ${y(k)}`).join('');
    if (path) s.append(svg('path', {class: 'tl-path', d: path}));
    line.slice(1).forEach((k, i) => {
      const cx = x(i + 1), cy = y(k), past = i + 1 <= now, here = i + 1 === now;
      const c = `tl-step ${past ? 'past' : 'ahead'}${here ? ' here' : ''}`;
      const r = here ? 7 : 5;
      if (k.view.violation) {
        s.append(svg('path', {class: c + ' tl-bad', d: `M${cx - 6} ${cy - 6}L${cx + 6} ${cy + 6}M${cx + 6} ${cy - 6}L${cx - 6} ${cy + 6}`}));
        if (here) s.append(svg('circle', {class: 'tl-ring', cx, cy, r: 9}));
        return;
      }
      if (k.view.did.letter.startsWith('s')) s.append(svg('path', {class: c, d: `M${cx} ${cy - r - 1}L${cx + r + 1} ${cy}L${cx} ${cy + r + 1}L${cx - r - 1} ${cy}Z`}));
      else if (k.view.did.letter.startsWith('w')) s.append(svg('rect', {class: c, x: cx - r, y: cy - r, width: 2 * r, height: 2 * r}));
      else s.append(svg('circle', {class: c, cx, cy, r}));
      if (k.children.length > 1) s.append(svg('path', {class: 'tl-fork', d: `M${cx + w / 2} ${height - 7}l4 6h-8z`}));
    });
    this.picture.replaceChildren(s);
    this.range.style.setProperty('width', `${n * w + thumb}px`);
    const want = left + now * w;
    if (view && (want < this.scroll.scrollLeft + 30 || want > this.scroll.scrollLeft + view - 60)) this.scroll.scrollLeft = want - view / 2;
    this.range.max = n;
    this.range.disabled = n === 0;
    this.range.value = now;
    this.range.setAttribute('aria-valuetext', now === 0 ? `the first state, ${n} steps ahead` : `step ${now} of ${n}: ${at.view.did.letter} ${at.view.did.name}: ${at.view.did.text}`);
  }
}
