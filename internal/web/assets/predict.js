// Predict: what a step will do is asked before it is shown.
import {h, fill, count} from './dom.js';
import {question} from './questions.js';
import {ask} from './net.js';

export class Predict {
  constructor(player, place) {
    this.player = player;
    this.place = place;
    this.on = false;
    this.score = this.of = 0;
  }

  toggle() {
    this.on = !this.on;
    if (!this.on) this.cancel();
    this.player.say(this.on ? 'predict: you are asked what each step will do before it is shown' : 'predict is off');
    return this.on;
  }

  cancel() { if (this.end) this.end(false); }

  // before asks about a move, and tells whether it is to be taken.
  async before(node, move) {
    if (!this.on) return true;
    const link = this.player.tries.link();
    const q = await ask('/api/predict', {...this.place(link), move});
    if (!q.questions.length) return true;
    return new Promise((resolve) => {
      const box = this.player.ask;
      this.end = (go) => {
        this.end = null;
        const inside = box.contains(document.activeElement);
        fill(box);
        if (inside) this.player.root.focus({preventScroll: true});
        resolve(go);
      };
      const lane = node.view.lanes.find((l) => l.moves.some((m) => m.text === move));
      const label = lane.moves.find((m) => m.text === move).label;
      let left = q.questions.length;
      const go = h('button', {type: 'button', class: 'primary', onclick: () => this.end(true)}, 'Show the step without answering');
      const total = h('p', {class: 'none'});
      fill(box, h('section', {class: 'predict', 'aria-label': 'predict', onkeydown: (e) => {
        if (e.key === 'Escape') { this.cancel(); e.stopPropagation(); }
      }},
        h('h2', null, 'Predict'),
        h('p', null, h('b', null, `${lane.letter} ${lane.name}`), ' is about to run ', h('code', null, label || lane.next), '.'),
        q.questions.map((k) => question(k, (answer) => ask('/api/predict', {...this.place(link), move, id: k.id, answer: {bits: answer.bits, choice: answer.choice}}), (g) => {
          this.score += g.score;
          this.of += g.of;
          left--;
          fill(total, `${this.score} of ${count(this.of, 'point')} so far`);
          if (left === 0) {
            fill(go, 'Show the step');
            go.focus();
          }
        })),
        h('div', {class: 'ask-buttons'}, go, h('button', {type: 'button', onclick: () => this.cancel()}, 'Do not step')), total));
      box.querySelector('input')?.focus();
      box.scrollIntoView({block: 'nearest'});
      this.player.say(`Predict: ${q.questions[0].prompt}`);
    });
  }
}
