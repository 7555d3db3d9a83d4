/** Makes a value when it is first asked for, and the same for everybody after that. */
export function later<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
