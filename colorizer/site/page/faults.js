// What can be wrong with a photograph, and the sentence that says so.
export const FAULTS = {
  photo_empty: 'error_photo_empty', photo_damaged: 'error_photo_damaged', photo_partial: 'error_photo_partial',
  photo_unknown: 'error_photo_unknown', unreadable: 'picker_unreadable', memory: 'error_photo_memory', jpeg: 'site_jpeg',
};
