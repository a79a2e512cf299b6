// A countdown of a code's lifetime.

/** Shows the remaining lifetime as text and as a bar. Calls `expired` once, at the end. */
export class Countdown {
  #words;
  #bar;
  #expired;
  #timer;

  constructor(words, bar, expired) {
    [this.#words, this.#bar, this.#expired] = [words, bar, expired];
  }

  start(seconds) {
    this.stop();
    const end = performance.now() + seconds * 1000;
    this.#bar.max = seconds;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      this.#bar.value = left;
      this.#words.textContent = left ? `Valid for another ${clock(left)}` : "Expired";
      if (left) return;
      this.stop();
      this.#expired();
    };
    tick();
    this.#timer = setInterval(tick, 250);
  }

  stop() {
    clearInterval(this.#timer);
  }
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
