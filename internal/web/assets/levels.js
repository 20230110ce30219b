// Levels: a scenario, and something to break in it. Whether it is broken, and how well, the server says.
import {h, fill} from './dom.js';
import {ask, get} from './net.js';
import {covers} from './view.js';

const stored = 'ptsim levels';

function solved() {
  try { return JSON.parse(localStorage.getItem(stored)) || {}; } catch { return {}; }
}

function keep(name, stars) {
  const s = solved();
  s[name] = Math.max(s[name] || 0, stars);
  try { localStorage.setItem(stored, JSON.stringify(s)); } catch { /* then it is forgotten */ }
}

const starWords = (n) => `${n} of 3 stars`;
const stars = (n) => h('span', {class: 'stars', role: 'img', 'aria-label': starWords(n)}, '★'.repeat(n) + '☆'.repeat(3 - n));

export class Levels {
  // play opens a link; box is the panel that a level has in the stepper.
  constructor(list, box, {play, player, place}) {
    this.list = list;
    this.box = box;
    this.play = play;
    this.player = player;
    this.place = place;
    this.level = null;
  }

  async load() {
    this.levels ||= await get('/api/levels');
    const done = solved();
    fill(this.list, h('h1', null, 'Break it'), h('p', {class: 'prose'}, 'You are the scheduler. A level is a scenario and a goal: let the CPUs run so that it happens. Where it cannot happen, say so: every schedule was tried, so the answer is known.'),
      h('ol', {class: 'level-list'}, this.levels.map((l, i) => h('li', {class: 'level'},
        h('header', null, h('h2', null, `${i + 1}. ${l.title}`), done[l.name] !== undefined && stars(done[l.name])),
        h('p', {class: 'none'}, h('code', null, l.of)), h('p', null, h('b', null, 'Goal: '), l.goal, '.'),
        h('button', {type: 'button', class: 'primary', 'aria-label': `Play ${l.title}`, onclick: () => this.begin(l)}, 'Play')))));
  }

  async named(name) {
    this.levels ||= await get('/api/levels');
    return this.levels.find((l) => l.name === name);
  }

  async begin(l) {
    this.level = l;
    this.over = null;
    await this.play(l.link, l);
    this.render();
  }

  leave() {
    this.level = null;
    fill(this.box);
  }

  render() {
    const l = this.level;
    if (!l) return fill(this.box);
    const i = this.levels.indexOf(l), next = this.levels[i + 1];
    const j = this.over;
    fill(this.box, h('div', {class: 'banner plain level-panel'},
      h('h2', null, `Level ${i + 1}: ${l.title}`),
      h('details', {open: !j}, h('summary', {'data-key': 'story'}, 'The story'), h('div', {class: 'prose'}, l.story.split(/\n\n+/).map((p) => h('p', null, p)))),
      h('p', null, h('b', null, 'Goal: '), l.goal, '.'),
      j && h('div', {class: 'judgement ' + (j.reached ? 'right' : 'wrong'), role: 'status'}, h('p', {class: 'sentence'}, h('span', {'aria-hidden': 'true'}, j.reached ? '✓ ' : '✗ '), j.sentence), j.reached && h('p', null, stars(j.stars), j.par && ` · par: ${j.par}`), covers(j.covers)),
      h('div', {class: 'ask-buttons'},
        h('button', {type: 'button', 'data-key': 'claim', 'aria-keyshortcuts': 'i', onclick: () => this.claim()}, 'I say: impossible'),
        j && j.reached && next && h('button', {type: 'button', class: 'primary', 'data-key': 'next level', onclick: () => this.begin(next)}, 'Next level'),
        h('button', {type: 'button', 'data-key': 'leave', onclick: () => { this.leave(); this.player.root.focus(); }}, 'Leave the level'))));
  }

  async judged(q) {
    const l = this.level;
    try {
      const j = await ask('/api/judge', {...q, level: l.name});
      if (this.level !== l) return;
      this.over = j;
      if (j.reached) keep(l.name, j.stars);
      this.render();
      this.player.say(j.sentence + (j.reached ? ` ${starWords(j.stars)}.` : ''));
    } catch (e) {
      this.player.fail(e);
    }
  }

  claim() { if (this.level) return this.judged({link: '', claim: true}); }

  // shown judges a state at which the schedule has ended.
  shown(n) {
    if (!this.level) return;
    if (n.view.violation || n.view.ended) return this.judged(this.place(this.player.tries.link()));
    if (this.over && !this.over.reached) {
      this.over = null;
      this.render();
    }
  }
}
