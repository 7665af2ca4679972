import type { ComponentProps } from 'preact';

/** `look`: of theme.css, such as `quiet icon`. A sign alone says nothing to who can't see it: it is called by its title, without the key behind it. */
export function Button({ look, ...rest }: ComponentProps<'button'> & { readonly look?: string }) {
  const named = look?.includes('icon') ? String(rest.title).replace(/ \(.+\)$/, '') : undefined;
  const looks = look === undefined ? 'button' : `button ${look}`;
  return <button type="button" class={looks} aria-label={named} {...rest} />;
}
