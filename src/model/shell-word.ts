/** A word of a shell command: what a shell would take apart is quoted. Names in traces are hostile. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
