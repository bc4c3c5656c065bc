/** A list that grows without end and stays small: the longer it gets, the fewer of its items are kept, evenly over it. */
export class DownsampledList<T extends object> {
  readonly #least: number;
  readonly #lasting = new Set<T>();
  #items: T[] = [];
  #seen = 0;
  #stride = 1;

  /** @param least Items kept at least; where they are twice as many, every second one goes, and of new ones only so many come. */
  constructor(least: number) {
    this.#least = least;
  }

  /** Whether the next item would be kept: others need not be made, see {@link skip}. */
  get takesNext(): boolean {
    return this.#seen % this.#stride === 0;
  }

  /** As {@link push} of an item that would not be kept. */
  skip(): void {
    this.#seen++;
  }

  push(item: T): void {
    if (this.#seen++ % this.#stride !== 0) return;
    this.#items.push(item);
    if (this.#items.length - this.#lasting.size < 2 * this.#least) return;
    let place = 0;
    this.#items = this.#items.filter((one) => this.#lasting.has(one) || place++ % 2 === 0);
    this.#stride *= 2;
  }

  /** Adds one that stays, whatever goes. */
  pushForGood(item: T): void {
    this.#lasting.add(item);
    this.#items.push(item);
  }

  get items(): readonly T[] {
    return this.#items;
  }
}
