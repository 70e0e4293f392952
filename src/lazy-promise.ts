/**
 * A promise that tells when somebody waits for it. Whoever only handles its rejection (`catch`, `finally`)
 * does not wait; whoever waits for what these give does.
 */
export class LazyPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'Promise';

  /** `onWait` is called at each `then`, before it. */
  constructor(
    private readonly promise: Promise<T>,
    private readonly onWait: () => void,
  ) {}

  // biome-ignore lint/suspicious/noThenProperty: a thenable on purpose, since `then` alone tells that somebody waits
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.onWait();
    return this.promise.then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return new LazyPromise(this.promise.catch(rejected), this.onWait);
  }

  finally(settled?: (() => void) | null): Promise<T> {
    return new LazyPromise(this.promise.finally(settled), this.onWait);
  }
}
