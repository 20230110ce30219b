// The course: lessons to read, with runs to step through and questions to answer.
import {h, fill} from './dom.js';
import {ask, get} from './net.js';
import {markup, question} from './questions.js';

export class Course {
  constructor(box) { this.box = box; }

  async index() {
    this.lessons ||= await get('/api/course');
    return this.lessons;
  }

  async load(slug) {
    const all = await this.index();
    if (slug === 'plan') return this.plan();
    if (!slug) {
      const list = (of) => h('ol', {class: 'lessons'}, of.map((l) => h('li', null, h('a', {href: `#course/${l.slug}`}, `${l.number}. ${l.title}`))));
      return fill(this.box, h('h1', null, 'Course'), h('div', {class: 'prose'}, h('p', null, 'From one page with two tables to which pins hold, and why.')),
        list(all.filter((l) => l.course === 'tables')), h('h2', null, 'The second course: What keeps it alive?'),
        h('div', {class: 'prose'}, h('p', null, 'Other protocols with the same question, and all of them side by side.')), list(all.filter((l) => l.course === 'alive')),
        h('p', null, h('a', {href: '#course/plan'}, 'For teachers: the plan of an hour, and handouts')));
    }
    const l = await get('/api/course/' + encodeURIComponent(slug));
    const i = all.findIndex((k) => k.slug === l.slug);
    const nav = () => h('nav', {class: 'lesson-nav', 'aria-label': 'lessons'},
      i > 0 && h('a', {href: `#course/${all[i - 1].slug}`, rel: 'prev'}, `← ${all[i - 1].number}. ${all[i - 1].title}`), h('a', {href: '#course'}, 'All lessons'),
      i < all.length - 1 && h('a', {href: `#course/${all[i + 1].slug}`, rel: 'next'}, `${all[i + 1].number}. ${all[i + 1].title} →`));
    const b = (key, label, on) => h('button', {type: 'button', 'data-key': key, onclick: on}, label);
    fill(this.box, nav(), h('article', {class: 'lesson'}, h('h1', null, `${l.number}. ${l.title}`),
      h('p', {class: 'ask-buttons handout-buttons'}, b('handout', 'Print a handout', () => this.handout(l, false)), b('answers', 'Print with answers', () => this.handout(l, true))),
      l.blocks.map((k) => this.block(k, l)), h('section', {class: 'answers'})), nav());
  }

  async plan() {
    const all = await this.index();
    const plan = await get('/api/plan');
    fill(this.box, h('h1', null, 'An hour, for a teacher'), h('div', {class: 'prose plan'}, markup(plan.html)),
      h('p', {class: 'ask-buttons handout-buttons'}, h('button', {type: 'button', 'data-key': 'print plan', onclick: () => window.print()}, 'Print the plan')),
      h('h2', null, 'Handouts'), h('div', {class: 'prose'}, h('p', null, 'Each lesson prints as a handout: what there is to read, the drawings, the questions with room for answers. The answers come on a page of their own, if you want them.')),
      h('ul', {class: 'lessons'}, all.map((l) => h('li', null, h('a', {href: `#course/${l.slug}`}, `${l.number}. ${l.title}`)))));
  }

  // handout prints a lesson; with answers, on a page of their own behind it.
  async handout(l, answers) {
    const box = this.box.querySelector('.answers');
    fill(box);
    if (answers) {
      const list = [];
      for (const b of l.blocks) {
        if (b.kind === 'exercise') list.push(h('div', null, h('h3', null, `Exercise ${b.number}`), h('div', {class: 'prose'}, markup(b.answer))));
        if (b.kind !== 'question') continue;
        const m = await ask('/api/answer', {lesson: l.slug, question: b.number, choices: []});
        list.push(h('div', null, h('h3', null, `Question ${b.number}: `, m.mask ? h('code', null, m.mask) : m.answer.map((i) => i + 1).join(', ')), h('div', {class: 'prose'}, markup(m.why))));
      }
      fill(box, h('h2', null, `Answers to lesson ${l.number}`), list);
    }
    for (const d of this.box.querySelectorAll('details')) d.open = false;
    window.print();
  }

  block(b, l) {
    const stepLink = (text) => b.link && h('a', {class: 'button', href: '#' + encodeURI(b.link).replaceAll('#', '%23')}, text);
    switch (b.kind) {
      case 'prose': return h('div', {class: 'prose'}, markup(b.html));
      case 'run': return h('figure', {class: 'run'}, h('figcaption', null, b.note), h('pre', {tabindex: 0, 'aria-label': 'what happens, a column for each CPU'}, b.text), h('p', null, stepLink('Step through it')));
      case 'console': return h('pre', {class: 'console', tabindex: 0}, h('b', null, `$ ${b.command}`), '\n' + b.text);
      case 'exercise': return h('section', {class: 'exercise'}, h('h3', null, `Exercise ${b.number}`), h('div', {class: 'prose'}, markup(b.html)), h('details', null, h('summary', null, 'Answer'), h('div', {class: 'prose'}, markup(b.answer))));
    }
    const q = {prompt: h('div', {class: 'prose'}, markup(b.html)), bits: b.bits, many: b.many, choices: (b.choices || []).map((c) => h('span', {class: 'choice-text'}, markup(c)))};
    return h('section', {class: 'exercise'}, h('h3', null, `Question ${b.number}`),
      question(q, async (a) => {
        const m = await ask('/api/answer', {lesson: l.slug, question: b.number, choices: a.choices});
        const bits = b.bits ? b.bits.map((_, i) => m.answer.includes(i)) : undefined;
        return {right: m.right, of: 1, correct: {bits, choices: m.answer}, sentence: markup(m.why)};
      }), b.link && h('p', null, stepLink('Look at it in the stepper')));
  }
}
