// Questions, as predict mode, the quiz and the course ask them: bits to set, one of some choices, or all that hold.
import {h, fill, add} from './dom.js';
import {cites} from './view.js';

let serial = 0;

// markup makes elements of HTML that the server made of the project's own prose. It is the only markup that comes from the
// server; scripts in it would not run, and the content policy allows none.
export function markup(html) {
  const doc = new DOMParser().parseFromString(html, 'text/html');
  for (const e of doc.querySelectorAll('[id]')) e.removeAttribute('id');
  for (const e of doc.querySelectorAll('script, style, iframe, object, link, meta')) e.remove();
  for (const e of doc.querySelectorAll('pre')) e.tabIndex = 0;
  return [...doc.body.childNodes].map((n) => document.adoptNode(n));
}

// bitRow asks for bits: boxes to tick, in the order and the groups in which masks are written.
function bitRow(names, id) {
  return h('div', {class: 'ask-bits'}, names.map((b, i) => h('label', {class: 'ask-bit'},
    h('input', {type: 'checkbox', name: `${id}-${i}`, 'data-key': `${id}-${i}`}), h('span', null, b), h('span', {class: 'ask-mark'}))));
}

function choiceList(choices, id, many) {
  return h('div', {class: 'ask-choices'}, choices.map((c, i) => h('label', {class: 'ask-choice'},
    h('input', {type: many ? 'checkbox' : 'radio', name: id, value: i, 'data-key': `${id}-${i}`}), h('span', null, c), h('span', {class: 'ask-mark'}))));
}

const read = (box) => [...box.querySelectorAll('input')].map((i) => i.checked);

// verdictMark says by sign and word what a box should have been.
function verdictMark(right) {
  return [h('span', {'aria-hidden': 'true'}, right ? '✓ ' : '✗ '), right ? 'right' : 'wrong'];
}

// question draws one question. grade is given {bits, choice, choices} and returns {right, per_bit, sentence, correct}, where
// sentence may be elements; done is called with it.
export function question(q, grade, done) {
  const id = `q${++serial}`;
  const bits = q.bits && q.bits.length;
  const box = bits ? bitRow(q.bits, id) : choiceList(q.choices, id, q.many);
  const out = h('div', {class: 'ask-grade', role: 'status', tabindex: -1});
  const check = h('button', {type: 'submit', class: 'primary'}, 'Check');
  const form = h('form', {class: 'question'},
    h('fieldset', null, h('legend', null, q.prompt), bits && h('p', {class: 'none'}, 'Tick the bits that are set.'), box),
    q.hint && h('details', {class: 'hint'}, h('summary', null, 'Hint'), h('p', null, q.hint), cites(q.cites)),
    h('div', {class: 'ask-buttons'}, check), out);
  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    const ticks = read(box);
    if (!bits && !ticks.some(Boolean)) return fill(out, 'Choose an answer first.');
    check.disabled = true;
    let g;
    try {
      g = await grade({bits: bits ? ticks : undefined, choice: Math.max(0, ticks.indexOf(true)), choices: ticks.flatMap((t, i) => (t ? [i] : []))});
    } catch (err) {
      check.disabled = false;
      return fill(out, err.message);
    }
    const marks = box.querySelectorAll('.ask-mark');
    const should = bits ? g.correct.bits : ticks.map((_, i) => (g.correct.choices ? g.correct.choices.includes(i) : i === g.correct.choice));
    ticks.forEach((t, i) => {
      if (bits || t || should[i]) fill(marks[i], bits || t ? verdictMark(t === should[i]) : [h('span', {'aria-hidden': 'true'}, '→ '), 'the answer']);
    });
    for (const i of box.querySelectorAll('input')) i.disabled = true;
    check.remove();
    form.classList.add(g.right ? 'was-right' : 'was-wrong');
    fill(out, h('p', {class: 'grade ' + (g.right ? 'right' : 'wrong')}, verdictMark(g.right), g.of > 1 ? ` · ${g.score} of ${g.of}` : ''), h('div', {class: 'why-right'}, g.sentence));
    if (done) done(g);
  });
  return form;
}
