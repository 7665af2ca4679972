import { formatDuration } from '../config/duration.js';
import { outputWidth, printLine } from '../render/output.js';
import { styleFor } from '../render/style.js';
import { wrap } from '../render/wrap.js';
import type { DemoListener, DemoReport } from './demo.js';
import { demoIntro, demoNext } from './script.js';

const widthMax = 88;

/** Tells the demo on standard output: a title, what is typed, what comes of it, what that means. */
export function makeTeller(): DemoListener & { onEnd(report: DemoReport): void } {
  const style = styleFor(process.stdout);
  const width = Math.min(widthMax, outputWidth());
  const tell = (text: string): void => {
    for (const line of wrap(text, width)) printLine(line);
  };
  return {
    onBegin() {
      tell(demoIntro);
      printLine('');
    },
    onStep({ title, intro }, number, count) {
      printLine(`${style.cyan.bold(`${number}/${count}  ${title}`)}`);
      if (intro !== undefined) tell(intro);
      printLine('');
    },
    onCommand(line) {
      printLine(`  ${style.dim('$')} ${style.bold(line)}`);
    },
    onTyped({ exitCode, stdout, stderr }, asTold) {
      for (const line of shownLines(stdout)) printLine(`  ${line}`);
      for (const line of shownLines(exitCode === 0 ? '' : stderr))
        printLine(`  ${style.dim(line)}`);
      if (exitCode !== 0) printLine(`  ${style.yellow(`exit code ${exitCode}`)}`);
      if (!asTold) printLine(`  ${style.red.bold('This is not what should have happened.')}`);
      printLine('');
    },
    onLesson({ lesson }) {
      for (const line of wrap(lesson, width - 2)) printLine(`${style.green('›')} ${line}`);
      printLine('');
    },
    onEnd({ asTold, tookMs }) {
      if (!asTold) {
        printLine(style.red.bold('The demo stopped: a step did not behave as told.'));
        return;
      }
      tell(
        `That took ${formatDuration(tookMs)}. Every line above came from real nodes, and was checked.`,
      );
      printLine('');
      printLine('Now you:');
      for (const line of demoNext) printLine(`  ${style.dim('$')} ${style.bold(line)}`);
    },
  };
}

function shownLines(output: string): string[] {
  return output === '' ? [] : output.replace(/\n$/, '').split('\n');
}
