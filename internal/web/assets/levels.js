// Levels: a scenario, and something to break in it. Whether it is broken, and how well, the server says.
import {h, fill, count} from './dom.js';
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

// progress says how far the user has come.
function progress(levels) {
  const done = solved(), mine = levels.filter((l) => done[l.name] !== undefined);
  const n = mine.reduce((k, l) => k + done[l.name], 0);
  return h('p', {class: 'progress'}, h('progress', {value: mine.length, max: levels.length, 'aria-label': 'levels solved'}), ` ${mine.length} of ${count(levels.length, 'level')} solved, ${n} of ${3 * levels.length} stars`);
}

const asks = {break: 'break it', claim: 'break it, or claim that it holds', repair: 'repair it'};
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
    fill(this.list, h('h1', null, 'Levels'), h('div', {class: 'prose'}, h('p', null, 'You are the scheduler. A level is a scenario and a goal: choose which thread takes each step so that it happens. Where it cannot happen, say so. The explorer tried every schedule, so the answer is known. Some levels ask for a repair: choose one of the ways, and the explorer tries every schedule of that.')),
      progress(this.levels),
      h('ol', {class: 'level-list'}, this.levels.map((l, i) => h('li', {class: 'level'},
        h('header', null, h('h2', null, `${i + 1}. ${l.title}`), done[l.name] !== undefined && stars(done[l.name])),
        h('p', {class: 'none'}, h('code', null, l.of), ' · ', asks[l.asks]), h('p', null, h('b', null, 'Goal: '), l.goal, '.'),
        h('button', {type: 'button', class: 'primary', 'aria-label': `Start ${l.title}`, onclick: () => this.begin(l)}, 'Start')))));
  }

  async named(name) {
    this.levels ||= await get('/api/levels');
    return this.levels.find((l) => l.name === name);
  }

  async begin(l) {
    this.level = l;
    this.over = this.hint = null;
    this.hints = 0;
    fill(this.box);
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
    const told = this.box.querySelector('details');
    fill(this.box, h('div', {class: 'banner plain level-panel'},
      h('h2', null, `Level ${i + 1}: ${l.title}`),
      h('details', {open: told ? told.open && !j : true}, h('summary', {'data-key': 'story'}, 'The story'), h('div', {class: 'prose'}, l.story.split(/\n\n+/).map((p) => h('p', null, p)))),
      h('p', null, h('b', null, 'Goal: '), l.goal, '.'),
      h('p', {class: 'none'}, `So far: ${this.sofar()}.`),
      this.hint && h('div', {class: 'hint-given'}, h('p', null, h('b', null, `Hint ${this.hint.n}: `), this.hint.text)),
      j && h('div', {class: 'judgement ' + (j.reached ? 'right' : 'wrong'), role: 'status'}, h('p', {class: 'sentence'}, h('span', {'aria-hidden': 'true'}, j.reached ? '✓ ' : '✗ '), j.sentence), j.reached && h('p', null, stars(j.stars), j.par && ` · par: ${j.par}`), covers(j.covers),
        !j.reached && j.schedule && h('p', null, h('a', {href: '#' + encodeURIComponent(j.schedule)}, 'Step through it'))),
      l.answers && h('ul', {class: 'answers'}, l.answers.map((a) => h('li', null,
        h('button', {type: 'button', 'data-key': 'repair ' + a.way, onclick: () => this.judged({link: '', repair: a.way})}, a.words[0].toUpperCase() + a.words.slice(1)), ' ', a.about))),
      h('div', {class: 'ask-buttons'},
        !(j && j.reached) && (!this.hint || this.hint.more) && h('button', {type: 'button', 'data-key': 'hint', 'aria-keyshortcuts': 'h', onclick: () => this.askHint()}, this.hint ? 'Another hint' : 'Hint'),
        !l.answers && h('button', {type: 'button', 'data-key': 'claim', 'aria-keyshortcuts': 'i', onclick: () => this.claim()}, 'I say: impossible'),
        j && j.reached && next && h('button', {type: 'button', class: 'primary', 'data-key': 'next level', onclick: () => this.begin(next)}, 'Next level'),
        h('button', {type: 'button', 'data-key': 'leave', onclick: () => { this.leave(); this.player.root.focus(); }}, 'Leave the level'))));
  }

  // sofar counts what is on the line up to the state that is shown.
  sofar() {
    const line = this.player.tries.line(), at = this.player.at.view.step;
    return `${count(line.filter((n) => n.view.step <= at && n.view.did && n.view.did.switch).length, 'switch', 'switches')}, ${count(at, 'step')}`;
  }

  // askHint asks for the next hint, from where the player stands.
  async askHint() {
    const l = this.level, n = this.hints + 1;
    try {
      const hint = await ask('/api/hint', {...this.place(this.player.tries.link()), level: l.name, n});
      if (this.level !== l) return;
      this.hints = n;
      this.hint = {...hint, n};
      this.render();
      this.player.say(`Hint ${n}: ${hint.text}`);
    } catch (e) {
      this.player.fail(e);
    }
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

  // toAnswers goes to the first repair that the level has.
  toAnswers() {
    const first = this.box.querySelector('.answers button');
    if (first) first.focus();
    else if (this.level) this.player.say('This level asks for no repair.');
  }

  // shown judges a state at which the schedule has ended.
  shown(n) {
    if (!this.level) return;
    if (n.view.violation || n.view.ended) return this.judged(this.place(this.player.tries.link()));
    if (this.over && !this.over.reached) this.over = null;
    this.render();
  }
}
