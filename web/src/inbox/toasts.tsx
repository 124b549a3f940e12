// What has just arrived, for a few seconds.

import { dismissToast, markRead, toasts } from '../model/inbox.js';
import { Icon } from '../shell/icons.js';

export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite" aria-label="New notifications">
    {toasts.value.map(({ id, title, message, priority }) => (
      <div key={id} class={`toast priority-${priority}`}>
        <div>
          <strong>{title}</strong>
          <p>{message}</p>
        </div>
        <button
          type="button"
          class="bare"
          aria-label={`Mark “${title}” as read`}
          onClick={() => {
            dismissToast(id);
            markRead(id).catch(() => {});
          }}
        >
          <Icon name="check" />
        </button>
      </div>
    ))}
  </div>
);
