import { layOut } from '../../render/lay-out.js';
import { outputWidth } from '../../render/output.js';
import type { ScriptDisplay } from '../../scenario/script-output.js';
import { watching } from '../host.js';

export const display: ScriptDisplay = { width: outputWidth, layOut, watching };
