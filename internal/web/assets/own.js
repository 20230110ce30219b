// A scenario of the user's own: an editor, and what the explorer says of it on one variant or on all. The language is the
// server's: what is wrong with a text and what may be written at the caret, it says.
import {h, fill} from './dom.js';
import {ask, get} from './net.js';
import {Words} from './words.js';

const stored = 'ptsim draft';

export class Own {
  // hooks: settings() are the variant and so on that are chosen; open(text) shows the first state in the stepper, run(text)
  // the schedule that breaks it; link(text) the address that holds it; opened() the text that the stepper has.
  constructor(box, hooks) {
    this.box = box;
    this.hooks = hooks;
  }

  load(setup) {
    if (this.text) return this.look();
    this.setup = setup;
    const b = (key, label, on, title, primary) => h('button', {type: 'button', class: primary ? 'primary' : null, 'data-key': key, title: title || null, onclick: on}, label);
    this.text = h('textarea', {id: 'own-text', rows: 18, wrap: 'off', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', 'aria-label': 'the text of the scenario', 'aria-describedby': 'own-form own-keys', 'aria-autocomplete': 'list', 'aria-controls': 'own-words'});
    this.gutter = h('ol', {class: 'gutter', 'aria-hidden': 'true'});
    this.back = h('div', {class: 'backdrop', 'aria-hidden': 'true'});
    this.pane = h('div', {class: 'pane'}, this.back, this.text);
    this.words = new Words(this.pane, this.text, () => this.look());
    this.form = h('p', {id: 'own-form', class: 'form'});
    this.errors = h('ul', {class: 'errors', role: 'status', 'aria-label': 'what is wrong with the text'});
    this.out = h('div', {class: 'own-out'});
    this.from = h('select', {id: 'own-from', onchange: () => this.startFrom(this.from.value)}, h('option', {value: ''}, 'choose …'), h('option', {value: 'template'}, 'the template'), h('option', {value: 'opened'}, 'what the stepper shows'), setup.scenarios.map((c) => h('option', {value: c.file}, `${c.name}: ${c.label}`)));
    fill(this.box, h('h1', null, 'A scenario of your own'),
      h('div', {class: 'prose'}, h('p', null, 'Say what there is at the start and what a few tasks do. The explorer tries every order in which they can do it. ', h('a', {href: '#docs/scenarios'}, 'A worked example'), ' explains the template line by line.')),
      h('div', {class: 'own-bar'}, h('label', {for: 'own-from'}, 'Start from ', this.from)),
      h('div', {class: 'editor'}, this.gutter, this.pane), this.form, this.errors,
      h('p', {id: 'own-keys', class: 'none'}, 'Completion opens while you type, or with Ctrl and Space. ↑ ↓ choose, Enter or Tab takes the word, Esc closes.'),
      h('div', {class: 'ask-buttons'},
        b('own run', 'Find a schedule that breaks it', () => this.use('run'), 'every schedule is tried on the variant that is chosen above', true),
        b('own all', 'Try every variant', () => this.all(), 'the same on each variant'),
        b('own open', 'Step through it', () => this.use('open')),
        b('own link', 'Copy the link', () => this.link(), 'a link that holds the text'),
        b('own save', 'Save as a file', () => this.save())), this.out);
    this.text.addEventListener('input', () => { this.keep(); this.draw(); this.look(); });
    this.text.addEventListener('keyup', (e) => { if (this.words.list.hidden && /^(Arrow|Home|End|Page)/.test(e.key)) this.look(); });
    this.text.addEventListener('click', () => this.look());
    this.text.addEventListener('scroll', () => this.scrolled());
    let draft = '';
    try { draft = localStorage.getItem(stored) || ''; } catch { /* then it is forgotten */ }
    return this.set(draft || this.hooks.opened() || setup.template);
  }

  // set has the editor hold a text, and waits until the server has looked at it.
  set(text) {
    this.text.value = text;
    this.text.setSelectionRange(0, 0);
    this.draw();
    return this.look();
  }

  keep() {
    try { localStorage.setItem(stored, this.text.value); } catch { /* then it is forgotten */ }
  }

  // startFrom puts another text in place of the user's, who can undo that.
  async startFrom(what) {
    this.from.value = '';
    try {
      const text = what === 'template' ? this.setup.template : what === 'opened' ? await this.hooks.source() : (await get('/api/source?file=' + encodeURIComponent(what))).text;
      this.text.focus();
      this.text.select();
      if (!document.execCommand('insertText', false, text)) {
        this.text.value = text;
        this.text.dispatchEvent(new Event('input'));
      }
      this.text.setSelectionRange(0, 0);
      this.text.scrollTop = 0;
    } catch (e) {
      this.say('warn', e.message);
    }
  }

  // look asks the server about the text and the place of the caret.
  async look() {
    const turn = this.turn = (this.turn || 0) + 1;
    const text = this.text.value, at = this.text.selectionStart;
    let a;
    try {
      a = await ask('/api/edit', {before: text.slice(0, at), after: text.slice(at)});
    } catch (e) {
      return this.say('warn', e.message);
    }
    if (turn !== this.turn) return;
    this.wrong = a.errors;
    this.draw();
    fill(this.form, a.complete.form ? [h('code', null, a.complete.form), a.complete.about && ` ${a.complete.about}`] : '');
    fill(this.errors, a.errors.map((e) => h('li', null, e.line > 0
      ? h('button', {type: 'button', 'data-key': `line ${e.line}`, onclick: () => this.goTo(e.line)}, `Line ${e.line}`) : h('b', null, 'The text'), h('span', null, ` ${e.text}`))));
    if (document.activeElement === this.text) this.words.offer(a.complete);
    this.box.dataset.looked = turn;
  }

  // draw marks the lines that are wrong.
  draw() {
    const lines = this.text.value.split('\n');
    const wrong = new Map();
    for (const e of this.wrong || []) if (!wrong.has(e.line)) wrong.set(e.line, e.text);
    this.text.rows = Math.max(14, Math.min(lines.length + 1, 34));
    fill(this.gutter, lines.map((_, i) => h('li', {class: wrong.has(i + 1) ? 'wrong' : ''}, wrong.has(i + 1) ? '✖ ' : '', i + 1)));
    fill(this.back, lines.map((l, i) => h('div', {class: wrong.has(i + 1) ? 'wrong' : ''}, h('span', {class: 'ghost'}, l || ' '), wrong.has(i + 1) && h('span', {class: 'at-line'}, `✖ ${wrong.get(i + 1)}`))));
    this.scrolled();
  }

  scrolled() {
    this.gutter.scrollTop = this.back.scrollTop = this.text.scrollTop;
    this.back.scrollLeft = this.text.scrollLeft;
  }

  goTo(line) {
    const lines = this.text.value.split('\n');
    const at = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
    this.text.focus();
    this.text.setSelectionRange(at, at + (lines[line - 1] || '').length);
  }

  say(kind, ...what) {
    fill(this.out, h('div', {class: `banner ${kind}`, role: 'status'}, h('p', null, ...what)));
  }

  // use has the stepper open or run the text; what is wrong with it is said here.
  async use(how) {
    this.say('plain', how === 'run' ? 'Trying every schedule …' : 'Opening …');
    try {
      await this.hooks[how](this.text.value);
      fill(this.out);
    } catch (e) {
      this.say('warn', e.message);
      await this.look();
    }
  }

  // all asks about each variant, one after the other.
  async all() {
    const turn = this.asking = (this.asking || 0) + 1;
    const text = this.text.value, set = this.hooks.settings();
    const rows = h('tbody'), where = h('p', {role: 'status'});
    fill(this.out, where, h('div', {class: 'wide-table', tabindex: 0, role: 'region', 'aria-label': 'verdicts'}, h('table', {class: 'verdicts'},
      h('thead', null, h('tr', null, ['Variant', 'Verdict', 'What was found'].map((t) => h('th', {scope: 'col'}, t)))), rows)));
    const named = /^lab ([a-z0-9]+)/m.exec(text);
    const versions = (this.setup.labs.find((l) => named && l.name === named[1]) || this.setup.labs[0]).versions;
    for (const [i, v] of versions.entries()) {
      fill(where, `Variant ${i + 1} of ${versions.length} …`);
      let j;
      try {
        j = await ask('/api/explore', {...set, scenario: 'own', text, version: v.name});
      } catch (e) {
        if (turn === this.asking) this.say('warn', e.message);
        return this.look();
      }
      if (turn !== this.asking) return;
      const sign = {safe: '✓ ', violated: '✖ '}[j.verdict] || '⚠ ';
      rows.append(h('tr', {'data-version': v.name}, h('th', {scope: 'row', title: v.about}, v.name), h('td', {class: 'verdict-' + j.verdict}, h('span', {'aria-hidden': 'true'}, sign), j.verdict),
        h('td', null, j.sentence, j.verdict === 'violated' && [' ', h('button', {type: 'button', 'aria-label': `Step through it on ${v.name}`, onclick: () => this.hooks.show(text, j.link).catch((e) => this.say('warn', e.message))}, 'Step through it')])));
    }
    fill(where, `All ${versions.length} variants, softirqs ${set.softirqs}, grace periods ${set.grace}${set.memory === 'sc' ? '' : `, memory ${set.memory}`}.`);
  }

  async link() {
    try {
      const {link, why} = await this.hooks.link(this.text.value);
      if (why) return this.say('warn', why + '.');
      const field = h('input', {type: 'text', readonly: true, value: link, 'aria-label': 'link', 'data-key': 'own link text'});
      this.say('plain', 'This link holds the text: ', field);
      field.select();
      try { await navigator.clipboard.writeText(link); } catch { /* not allowed here: it is copied by hand */ }
    } catch (e) {
      this.say('warn', e.message);
    }
  }

  save() {
    const url = URL.createObjectURL(new Blob([this.text.value], {type: 'text/plain'}));
    h('a', {href: url, download: 'own.scn'}).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    this.say('plain', 'own.scn is saved. In a terminal: ', h('code', null, 'ptsim explore own.scn'), ' or ', h('code', null, 'ptsim verdicts own.scn'));
  }
}
