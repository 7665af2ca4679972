import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from './Button.js';
import { Icon } from './Icon.js';

interface DialogProps {
  readonly title: string;
  readonly class?: string;
  readonly children: ComponentChildren;
  onClose(): void;
}

/** Over the page until it is closed: by its button, Escape, or a click beside it. */
export function Dialog({ title, class: look = '', children, onClose }: DialogProps) {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => place.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it as the browser has it.
    <dialog
      ref={place}
      class={`dialog panel no-print ${look}`}
      aria-label={title}
      onClose={onClose}
      onClick={({ target, currentTarget }) => {
        if (target === currentTarget) currentTarget.close();
      }}
    >
      <header>
        <h2>{title}</h2>
        <Button look="quiet icon" aria-label="Close" onClick={() => place.current?.close()}>
          <Icon name="close" />
        </Button>
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
