/** What the pages call things: the guide's own words. A change of a label is a change of the guide. */

/** Text whose apostrophes and spaces may be typographic ones. */
export function words(text: string, flags = "i"): RegExp {
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(escaped.replaceAll("'", "['’]").replaceAll(" ", "\\s+"), flags);
}

/** As {@link words}, and nothing else before or after it. */
export function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${words(text).source}\\s*$`, "i");
}

export const LABELS = {
  login: /identifiant/i,
  password: /mot de passe/i,
  logIn: exactly("Se connecter"),
  send: exactly("Envoyer"),
  secondFactorCode: /code/i,
  bySms: /sms/i,
  byRecovery: words("Utiliser un code de secours"),
  logOut: exactly("Se déconnecter"),
  qrCode: words("Code QR"),
  secret: words("saisissez cette clé"),
  recoveryCodes: exactly("Codes de secours"),
  codesNoted: words("J'ai noté ces codes"),
  permanentMeetings: words("Réunions permanentes"),
  directory: exactly("Annuaire"),
  directorySearch: exactly("Recherche*"),
  stateOfTheBox: exactly("État de la boîte"),
  settings: exactly("Réglages de la boîte"),
  confirmSettings: exactly("Confirmer les nouveaux réglages"),
  abandonSettings: exactly("Revenir aux réglages d'avant"),
  trialMail: exactly("Envoyer un message d'essai"),
  createMeeting: words("Créer une réunion"),
  description: /description/i,
  activate: words("Activer la réunion"),
  securityCode: words("Code de sécurité"),
  /** In the table's rows. */
  isActive: /^réunion active/i,
  save: exactly("Enregistrer"),
  copyNumber: words("Copier le numéro"),
  copyLink: words("Copier le lien"),
  shareByMail: exactly("Envoyer par e-mail"),
  yourMessage: exactly("Votre message"),
  shareAddress: words("E-mail pour l'envoi des informations"),
  addAddress: exactly("+ Ajouter une adresse e-mail"),
  close: exactly("Fermer"),
  editMeeting: words("Modifier la réunion"),
  delete: exactly("Supprimer"),
  /** In the table's rows. */
  codeIsActive: /^code de sécurité actif/i,
  joinMeeting: words("Rejoindre la réunion"),
  /** In the table's rows. */
  join: /^rejoindre/i,
  civility: /civilité/i,
  firstName: /^prénom/i,
  lastName: /^nom/i,
  enterWaitingRoom: words("Entrer dans la salle d'attente"),
  waitingRoom: exactly("Salle d'attente"),
  refused: words("a refusé votre demande"),
  removed: words("a supprimé votre demande"),
  accepted: words("Votre demande a été acceptée"),
  accept: /^accepter/i,
  refuse: /^refuser/i,
  remove: /^supprimer/i,
  /** The icon inside a meeting. */
  latecomers: words("en attente"),
  /** After the end: to the form again. */
  again: words("Revenir à l'entrée"),
  hangUp: words("Raccrocher"),
  bandwidth: exactly("Limitation bande passante"),
  noLimit: exactly("Aucune limitation"),
  microphone: /^(couper|allumer) le microphone/i,
  camera: /^(couper|allumer) la caméra/i,
} as const;
