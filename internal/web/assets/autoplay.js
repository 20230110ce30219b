// A schedule that plays by itself, at a speed that the user chooses. Whatever the user does in the stepper stops it.
import {h, fill} from './dom.js';

const speeds = [['0.5', '½ step/s'], ['1', '1 step/s'], ['2', '2 steps/s'], ['4', '4 steps/s']];

export class Autoplay {
  constructor(player) {
    this.player = player;
    this.button = h('button', {type: 'button', 'data-key': 'auto', 'aria-keyshortcuts': 'r', title: 'the schedule plays by itself (r)', onclick: () => this.toggle()});
    this.speed = h('select', {'aria-label': 'speed', 'data-key': 'speed', onchange: () => { if (this.timer) this.wait(); }}, speeds.map(([n, text]) => h('option', {value: n, selected: n === '1'}, text)));
    this.box = h('div', {class: 'auto'}, this.button, this.speed);
    this.render();
  }

  // watch stops playing when the user does something in the stepper.
  watch(root) {
    const stop = (e) => { if (this.timer && !this.box.contains(e.target) && e.key !== 'r') this.stop(); };
    root.addEventListener('pointerdown', stop, true);
    root.addEventListener('keydown', stop, true);
  }

  toggle() {
    if (this.timer) return this.stop();
    if (!this.player.at.last) this.player.seek(0);
    if (!this.player.at.last) return this.player.say('There is no step to play yet.');
    this.wait();
    this.render();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), 1000 / Number(this.speed.value));
  }

  tick() {
    if (!this.player.root.checkVisibility() || !this.player.at.last) return this.stop();
    this.player.show(this.player.at.last);
    if (this.player.at.last) this.wait();
    else this.stop();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.render();
  }

  render() {
    const any = this.player.tries && (this.player.at.parent || this.player.at.last);
    this.button.disabled = !any;
    fill(this.button, h('span', {'aria-hidden': 'true'}, this.timer ? '❚❚ ' : '▶▶ '), this.timer ? 'Pause' : 'Play');
    this.button.setAttribute('aria-pressed', String(Boolean(this.timer)));
  }
}
