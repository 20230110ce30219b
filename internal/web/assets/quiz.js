// The quiz: the same questions from the same seed, here, in the terminal and on paper.
import {h, fill, count} from './dom.js';
import {ask, get} from './net.js';
import {question} from './questions.js';
import * as draw from './view.js';

export class Quiz {
  constructor(box, {open}) {
    this.box = box;
    this.open = open;
  }

  load() {
    if (this.out) return;
    const seed = h('input', {type: 'text', inputmode: 'numeric', pattern: '[0-9]+', value: '1', id: 'seed', required: true});
    const n = h('input', {type: 'number', min: 1, max: 20, value: 5, id: 'items', required: true});
    this.out = h('div', {class: 'items'});
    this.total = h('p', {role: 'status', class: 'total'});
    fill(this.box, h('h1', null, 'Quiz'),
      h('div', {class: 'prose'}, h('p', null, 'What does the next step do? The same number draws the same questions everywhere: ', h('code', null, 'ptsim quiz --seed 1'), ' prints these.')),
      h('form', {class: 'pick', onsubmit: (e) => { e.preventDefault(); this.draw(seed.value, Number(n.value)); }},
        h('label', null, 'Seed ', seed), h('label', null, 'Questions ', n), h('button', {class: 'primary', 'data-key': 'draw'}, 'Draw')),
      this.total, this.out);
  }

  async draw(seed, n) {
    this.score = this.of = this.done = this.all = 0;
    fill(this.total);
    fill(this.out, h('p', null, 'Drawing …'));
    let items;
    try {
      items = await get(`/api/quiz?seed=${encodeURIComponent(seed)}&n=${n}`);
    } catch (e) {
      return fill(this.out, h('div', {class: 'banner warn', role: 'alert'}, h('p', null, e.message)));
    }
    this.all = items.reduce((k, i) => k + i.quiz.questions.length, 0);
    fill(this.out, items.map((i) => this.item(i, seed, n)));
    this.out.querySelector('h2')?.focus();
  }

  item(i, seed, n) {
    const v = i.context.view;
    const grade = (k) => (answer) => ask('/api/grade', {seed, n, item: i.number, id: k.id, answer: {bits: answer.bits, choice: answer.choice}});
    return h('article', {class: 'item'}, h('h2', {tabindex: -1}, `${i.number}. ${i.context.title}`),
      h('div', {class: 'prose'}, (i.context.prose || []).map((p) => h('p', null, p))),
      v && h('details', {class: 'state'}, h('summary', null, 'The state before the step'), h('div', {class: 'memory'}, draw.memory(v, draw.shapeOf([v]))), h('ol', {class: 'lanes'}, draw.lanes(v, {}))),
      i.quiz.questions.map((k) => question(k, grade(k), (g) => {
        this.score += g.score;
        this.of += g.of;
        this.done++;
        fill(this.total, `${this.score} of ${count(this.of, 'point')}; ${this.done} of ${count(this.all, 'question')} answered`);
      })),
      i.link && h('p', null, h('button', {type: 'button', onclick: () => this.open(i.link)}, 'Open it in the stepper')));
  }
}
