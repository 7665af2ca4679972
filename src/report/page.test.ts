import { expect, it } from 'vitest';
import { fillPage } from './page.js';

const template = [
  '<title>kvx report</title>',
  '<!--data--><script>"<!--data-->"; "</body>"</script>',
  '</body>',
].join('\n');

it('the first part stands before the script, the others behind it', () => {
  const page = fillPage(
    template,
    [
      { name: 'head', base64: 'QQ==' },
      { name: 'x', base64: 'QkI=' },
    ],
    'T',
  );
  const [head, script, other] = ['id="data-head"', '<script>"<!', 'id="data-x"'].map((text) =>
    page.indexOf(text),
  );
  expect(head).toBeGreaterThan(0);
  expect(script).toBeGreaterThan(head as number);
  expect(other).toBeGreaterThan(script as number);
  expect(page.slice(0, head).match(/<!--data-->/)).toBeNull();
});

it('what was typed can neither end the title nor mean anything to a replacement', () => {
  const page = fillPage(template, [], "kvx bench '</title><script>' $& $' &amp;");
  expect(page).toContain(
    "<title>kvx bench '&lt;/title&gt;&lt;script&gt;' $&amp; $' &amp;amp;</title>",
  );
});

it('a template without a place for data is refused', () => {
  expect(() => fillPage('<title></title></body>', [], '')).toThrow('the page has no <!--data-->');
});
