// Starts the demo application.

import { render } from 'preact';
import { App } from './shell/app.js';
import './style/controls.css';
import './style/frame.css';
import './style/welcome.css';
import './style/documents.css';
import './style/document.css';
import './style/history.css';
import './style/stats.css';
import './style/board.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
