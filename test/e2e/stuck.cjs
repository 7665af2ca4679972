// Loaded into a kvx command by a test: standard input then never comes to its end, nor to anything else.
process.stdin[Symbol.asyncIterator] = async function* never() {
  await new Promise(() => {});
};
