// SPDX-License-Identifier: MIT

const nearEnd = 64;
const handHolds = 500;

/** Keeps a scroller at its end while its reader is there; scrolling up lets go, coming back takes hold again. */
export class Follow {
  atEnd = true;
  #top = 0;
  #hand = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} content What grows in it.
   * @param {() => void} [changed]
   */
  constructor(scroller, content, changed = () => {}) {
    this.scroller = scroller;
    this.changed = changed;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const kind of ["wheel", "touchmove", "pointerdown", "pointermove", "keydown"]) {
      scroller.addEventListener(kind, () => (this.#hand = performance.now()), { passive: true });
    }
    const observer = new ResizeObserver(() => this.hold());
    observer.observe(content);
    observer.observe(scroller);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Content that shrinks and grows moves the scroller too; only the reader's hand lets go.
    if (scrollHeight - scrollTop - clientHeight < nearEnd) this.atEnd = true;
    else if (scrollTop < this.#top && performance.now() - this.#hand < handHolds) this.atEnd = false;
    else this.hold();
    this.#top = scrollTop;
    this.changed();
  }

  hold() {
    if (this.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  release() {
    this.atEnd = false;
  }

  toEnd() {
    this.atEnd = true;
    this.hold();
  }
}
