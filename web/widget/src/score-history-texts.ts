/** What a score's history says; `addScoresTexts` adds these to the widget's namespace. */

export const en = {
  "history.title": "History of {{scoreType}}",
  "history.empty": "No score has been computed yet.",
  "history.summaryOfOne": "{{scoreType}}: {{last}} since {{from}}, never computed again.",
  "history.summary":
    "{{scoreType}} since {{from}}: {{last}} at last, {{lowest}} at the lowest, {{highest}} at the highest. Scores in all: {{changes}}.",
  "history.asTable": "Show as table",
  "history.caption": "All scores of {{scoreType}}, newest first",
  "history.computedAt": "Computed at",
  "history.score": "Score",
  "history.difference": "Change",
  "history.unchanged": "unchanged",
  "history.cause": "Triggered by",
  "history.now": "Unchanged until now, since {{from}}",
};

type Translated = Record<keyof typeof en, string>;

export const fr: Translated = {
  "history.title": "Historique de {{scoreType}}",
  "history.empty": "Aucun score n’a encore été calculé.",
  "history.summaryOfOne": "{{scoreType}} : {{last}} depuis le {{from}}, jamais recalculé.",
  "history.summary":
    "{{scoreType}} depuis le {{from}} : {{last}} en dernier, {{lowest}} au plus bas, {{highest}} au plus haut. Nombre de scores : {{changes}}.",
  "history.asTable": "Afficher sous forme de tableau",
  "history.caption": "Tous les scores de {{scoreType}}, du plus récent au plus ancien",
  "history.computedAt": "Calculé le",
  "history.score": "Score",
  "history.difference": "Écart",
  "history.unchanged": "inchangé",
  "history.cause": "Déclenché par",
  "history.now": "Inchangé jusqu’à maintenant, depuis le {{from}}",
};

export const ar: Translated = {
  "history.title": "سجلّ تغييرات {{scoreType}}",
  "history.empty": "لم تُحسب أي درجة بعد.",
  "history.summaryOfOne": "{{scoreType}}: {{last}} منذ {{from}}، ولم تُحسب من جديد.",
  "history.summary":
    "{{scoreType}} منذ {{from}}: آخر درجة {{last}}، وأدناها {{lowest}}، وأعلاها {{highest}}. عدد الدرجات: {{changes}}.",
  "history.asTable": "عرض كجدول",
  "history.caption": "كل درجات {{scoreType}}، الأحدث أولًا",
  "history.computedAt": "وقت الحساب",
  "history.score": "الدرجة",
  "history.difference": "التغيّر",
  "history.unchanged": "بلا تغيير",
  "history.cause": "السبب",
  "history.now": "دون تغيير حتى الآن، منذ {{from}}",
};
