// The words that may be written at a caret, in a list below it.
import {h, fill} from './dom.js';

export class Words {
  // changed is called when a word was taken.
  constructor(pane, text, changed) {
    this.text = text;
    this.changed = changed;
    this.list = h('ul', {id: 'own-words', class: 'words-list', role: 'listbox', 'aria-label': 'words that may stand here', hidden: true});
    this.measure = h('span', {class: 'measure', 'aria-hidden': 'true'}, 'x'.repeat(20));
    pane.append(this.list, this.measure);
    text.addEventListener('keydown', (e) => this.key(e));
    text.addEventListener('keypress', (e) => { if (this.took) e.preventDefault(); });
    text.addEventListener('keyup', () => { this.took = false; });
    text.addEventListener('blur', () => this.close());
  }

  // offer shows what the server says may stand at the caret.
  offer(c) {
    this.complete = c;
    this.at = c.typed ? 0 : -1; // of words that nobody began, none is taken by Enter unless it is chosen
    if (!c.words.length || !c.typed && !c.form && !this.wanted) return this.close();
    this.wanted = false;
    const before = this.text.value.slice(0, this.text.selectionStart).split('\n');
    const line = parseFloat(getComputedStyle(this.text).lineHeight), pad = parseFloat(getComputedStyle(this.text).paddingTop);
    const x = before[before.length - 1].length * this.measure.getBoundingClientRect().width / 20 - this.text.scrollLeft;
    this.list.hidden = false;
    this.list.style.setProperty('top', `${pad + before.length * line - this.text.scrollTop}px`);
    this.render();
    this.list.style.setProperty('left', `${Math.max(0, Math.min(x, this.text.clientWidth - this.list.offsetWidth))}px`);
  }

  render() {
    fill(this.list, this.complete.words.map((w, i) => h('li', {id: `own-word-${i}`, role: 'option', 'aria-selected': String(i === this.at), title: w.about || null,
      onmousedown: (e) => { e.preventDefault(); this.take(i); }}, h('b', null, w.text), w.form && h('span', null, w.form.slice(w.text.length)))));
    if (this.at >= 0) this.text.setAttribute('aria-activedescendant', `own-word-${this.at}`);
    else this.text.removeAttribute('aria-activedescendant');
    this.list.children[this.at]?.scrollIntoView({block: 'nearest'});
  }

  close() {
    this.list.hidden = true;
    this.text.removeAttribute('aria-activedescendant');
  }

  // take writes the rest of a word, and a blank where the line goes on.
  take(i) {
    const w = this.complete.words[i];
    const rest = w.text.slice(this.complete.typed.length) + (w.form.includes(' ') ? ' ' : '');
    this.close();
    this.text.focus();
    if (!document.execCommand('insertText', false, rest)) { // what can be undone, where there is such a thing
      this.text.setRangeText(rest, this.text.selectionStart, this.text.selectionEnd, 'end');
      this.text.dispatchEvent(new Event('input', {bubbles: true}));
    }
  }

  key(e) {
    if (e.key === ' ' && e.ctrlKey) {
      e.preventDefault();
      this.wanted = true;
      return this.changed();
    }
    if (this.list.hidden) return;
    const n = this.complete.words.length;
    const does = {
      ArrowDown: () => { this.at = (this.at + 1) % n; this.render(); }, ArrowUp: () => { this.at = (this.at - 1 + n) % n; this.render(); },
      Escape: () => this.close(), Enter: this.at >= 0 && (() => this.take(this.at)), Tab: this.at >= 0 && (() => this.take(this.at)),
    }[e.key];
    if (!does) return;
    does();
    this.took = true;
    e.preventDefault();
    e.stopPropagation();
  }
}
