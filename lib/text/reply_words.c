#include "text/reply_priv.h"

/* --- single words that are instructions ---------------------------------- */

const char *const rc_reply_stop[] = {"stop", "stopall", "unsubscribe", "end",
    "quit", "cancel", "revoke", "optout", NULL};
const char *const rc_reply_start[] = {"start", "yes", "unstop", NULL};
const char *const rc_reply_help[] = {"help", "info", NULL};

/* --- classes ------------------------------------------------------------- */

const struct rc_reply_class rc_reply_class[] = {
    {"@text",
	"text texts texting texted txt txts txting message messages messaging "
	"messaged msg msgs sms smss contact contacting contacted call calls "
	"calling called send sends sending sent spam spamming bother "
	"bothering harass harassing harassment email emails emailing mail "
	"mailing notify notifying notifications alerts ads adverts "
	"advertising promos promotions marketing bugging pestering writing "
	"blowing hitting"},
    {"@reach",
	"text txt message msg sms contact call phone ring email mail "
	"write send sending bother disturb harass solicit notify ping spam"},
    {"@not", "not dont donot didnt doesnt never nor wont"},
    {"@dont", "dont donot never"},
    {"@want", "want wanna wish desire"},
    {"@these", "this these those that it them any anymore your"},
    {"@join", "sign signed subscribe subscribed agree agreed opt opted "
	      "consent consented ask asked request requested authorize "
	      "authorized authorise authorised permission"},
    {"@me", "me us my mine this our"},
    /* Spanish */
    {"@envies",
	"envies envie envien enviar enviarme enviando mandes manden "
	"mandar mandarme escribas escriba escriban escribir escribirme "
	"contactes contacte contacten contactar contactarme llames llame "
	"llamen llamar llamarme molestes moleste molesten molestar "
	"molestarme textees recibir quiero deseo autorizo"},
    {"@mensajes", "mensajes mensaje sms textos publicidad promociones"},
    /* French */
    {"@envoyez", "contactez contacter contacte envoyez envoyer envoie envoies "
		 "denvoyer ecrivez ecrire ecris decrire appelez appeler "
		 "appelle derangez deranger textez texter sollicitez "
		 "solliciter recevoir souhaite veux veut desire"},
    {"@messages", "message messages sms texto textos msg pub pubs publicite "
		  "publicites mails"},
    /* German */
    {"@schreiben", "schreiben schreibe schreibt senden sende sendet schicken "
		   "schicke schickt kontaktieren kontaktiere kontaktiert "
		   "anrufen texten belastigen belaestigen melden"},
    {"@nachrichten",
	"sms nachricht nachrichten textnachrichten werbung mails anrufe "
	"infos newsletter angebote mitteilungen interesse"},
    /* Portuguese */
    {"@enviem", "envie enviem enviar envia mande mandem mandar manda quero "
		"queremos desejo perturbe perturbem perturbar ligue liguem "
		"ligar incomode incomodem incomodar contacte contactem "
		"contactar contate contatem contatar escreva escrevam "
		"autorizo receber interesse"},
    /* Italian */
    {"@inviate",
	"inviate inviatemi inviare inviarmi inviarci mandate mandatemi "
	"mandare mandarmi scrivete scrivetemi scrivere scrivermi "
	"contattate contattatemi contattare contattarmi contattateci "
	"chiamate chiamatemi chiamare chiamarmi voglio vogliamo desidero "
	"disturbate disturbare disturbatemi interessa interessato "
	"interessata ricevere autorizzo"},
    {NULL, NULL},
};

/* --- patterns that revoke ------------------------------------------------ */

const char *const rc_reply_revoking[] = {"stop ~ @text", "quit ~ @text",
    "end ~ @text", "enough ~ @text", "too many @text", "tired of ~ @text",
    "sick of ~ @text", "no more", "no ~ more @text", "no * texts",
    "no * messages", "no msg", "no msgs", "no txt", "no txts", "no sms",
    "no calls", "no emails", "no spam", "keep texting", "keep messaging",
    "keep contacting", "keep calling", "keep sending", "why ~ texting",
    "why ~ messaging", "why ~ contacting", "why ~ calling", "why ~ sending",
    "please end", "end this", "end it", "end these", "st op", "sto p", "s top",
    /* do not */
    "@dont * @reach", "do not * @reach", "did not @join", "@not @join",
    "@not @want ~ @text", "@not @want @these", "@not @want to hear",
    "@not like ~ @text", "@not need ~ @text", "@not need @these",
    "no longer need", "no longer needed", "told you no", "i told you",
    "asked you ~ times", "how many times", "no longer ~ @text",
    "no longer @want", "no longer interested", "not ~ interested",
    "no interest", "lost interest", "without ~ consent", "without ~ permission",
    "@not ~ permission", "@not ~ consent",
    /* leave me alone */
    "leave @me alone", "leave @me be", "let @me be", "go away", "fuck off",
    "f * off", "fck off", "piss off", "bugger off", "buzz off", "fuck you",
    "fuck u", "screw you", "shut up", "lose ~ number", "loose my number",
    "forget * number", "go to hell", "eat shit", "off my phone",
    "out of my phone", "off my number", "get rid of me", "take @me out",
    "count me out", "give it a rest", "knock it off", "cut it out",
    /* lists and numbers */
    "take @me ~ off", "get @me ~ off", "off ~ list", "from ~ list",
    "mailing list", "text list", "contact list", "from your system",
    "from your database", "from your records", "opt * out", "opts out",
    "opted out", "opting * out", "wrong number", "wrong person", "wrong phone",
    "wrong num", "wrong no", "wrong guy", "wrong lady", "not my number",
    "have wrong", "have the wrong", "wrong nmbr", "isnt ~ number",
    "isnt ~ phone", "belongs to someone", "someone elses number",
    "no one named", "nobody named", "no * named", "doesnt live here",
    "im a minor", "am a minor", "work phone", "business line",
    "not ~ right number", "not ~ right person", "no longer ~ number",
    "number ~ changed", "no one ~ by that name", "nobody ~ by that name",
    "get ~ my number", "got ~ my number", "have ~ my number",
    "gave ~ my number", "got this number", "get this number", "passed away",
    "he is dead", "she is dead", "hes dead", "shes dead", "he died", "she died",
    /* threats */
    "sue you", "sue u", "will sue", "gonna sue", "going to sue", "in court",
    "to court", "small claims", "legal action", "legal steps", "legal team",
    "my legal", "class action", "do not call", "report you", "report u",
    "report this", "report it", "reporting you", "block you", "block u",
    "block this", "blocking you", "blocking this", "block your",
    "data protection", "better business bureau", "attorney general",
    "invasion of",
    /* Spanish */
    "no ~ @envies", "no mas", "ya no", "no * @mensajes", "dejen de", "deje de",
    "deja de", "dejar de", "dejad de", "en paz", "quiero salir", "salir de",
    "ya basta", "no me interesa", "no estoy interesado", "no estoy interesada",
    "no gracias", "numero equivocado", "numero incorrecto",
    "persona equivocada", "se equivoco", "de baja", "fuera de", "borra mi",
    "borren mi",
    /* French */
    "ne ~ @envoyez", "ne me", "me @envoyez plus", "plus ~ @messages",
    "plus @envoyez", "@envoyez * plus", "plus jamais", "pas de ~ @messages",
    "laissez moi", "laisse moi", "laissez nous", "foutez moi", "foutez nous",
    "fichez moi", "la paix", "mauvais numero", "faux numero",
    "trompe de numero", "trompez de numero", "erreur de numero",
    "mauvaise personne", "pas interesse", "plus interesse", "plus interessee",
    "marre de", "fous * camp", "foutez * camp", "pas interessee", "non merci",
    "ca suffit",
    /* German */
    "keine ~ @nachrichten", "kein ~ @nachrichten", "nicht mehr",
    "nicht * @schreiben", "@schreiben * mir nicht", "@schreiben sie ~ nicht",
    "mich nicht", "mir nicht", "uns nicht", "in ruhe", "hor auf", "hoer auf",
    "hort auf", "hoert auf", "horen sie", "hoeren sie", "falsche nummer",
    "falsche person", "falsch verbunden", "nein danke", "kein bock",
    "keinen bock", "nerv nicht", "lass das", "lasst das", "will das nicht",
    "nicht ~ interessiert", "hau ab", "haut ab", "verpiss dich",
    "verpisst euch", "nehmt mich", "nehmen sie mich", "streichen sie",
    "streicht mich", "nie wieder", "mich raus", "will ~ keine",
    "mochte ~ keine", "moechte ~ keine", "will nicht", "von * liste",
    "aus * liste", "aus * verteiler", "vom verteiler",
    /* Portuguese */
    "nao ~ @enviem", "nao mais", "nunca mais", "numero errado", "pessoa errada",
    "em paz", "sem interesse", "nao obrigado", "nao obrigada", "me tira",
    "me tire", "me tirem", "tire me", "tirem me", "pare de", "para com",
    "parem com", "pare com", "sai fora", "me deixa", "me deixem", "parem de",
    "para de", "chega de", "ja chega", "da lista", "dessa lista", "desta lista",
    "meu numero",
    /* Italian */
    "non ~ @inviate", "non ~ piu", "mi avete rotto", "mai piu", "in pace",
    "numero sbagliato", "sbagliato numero", "persona sbagliata", "no grazie",
    "lasciatemi", "lasciami", "dalla lista", "dalla vostra", "mio numero",
    "smetterla", NULL};

const char *const rc_reply_alone[] = {"no", "no no", "nope", "nah", "naw",
    "non", "nein", "nao", "out", "im out", "off", "halt", "enough", "alto",
    "baja", "sair", "salir", "sortir", "fin", "fim", "ende", "chega", "raus",
    "leave", "exit", "bye", "no * thanks", "nah thanks", "no thank you",
    "no thx", "no ty", "no please", "no more * please", "please no * more",
    "please no", "hell no", "kys", "not me", "please dont", "out please",
    "want out", "i want out", "want off", "i want off", "not anymore",
    "this is not *", "this isnt *", "get lost", "wrong", "fuck", "fu", "stfu",
    "gtfo", NULL};

/* --- patterns that are harmless ------------------------------------------ */

const char *const rc_reply_harmless[] = {"cant * stop", "cannot * stop",
    "can not stop", "couldnt stop", "could not stop", "cant quit",
    "cannot quit", "dont stop", "do not stop", "never stop", "never stops",
    "never stopped", "wont stop", "will not stop", "didnt stop", "doesnt stop",
    "does not stop", "not stopping", "non stop", "one stop", "bus stop",
    "train stop", "tram stop", "next stop", "first stop", "last stop",
    "pit stop", "stop by", "stopped by", "stopping by", "stop over",
    "dont unsubscribe", "do not unsubscribe", "dont remove", "do not remove",
    "dont cancel", "do not cancel", "dont delete", "do not delete", "dont quit",
    "do not quit",
    "not spam", /* Spanish, French, German, Portuguese, Italian */
    "no puedo parar", "sin parar", "narrete pas", "narretez pas", "arrete pas",
    "arretez pas", "arreter pas", "sans arret", "arret de bus",
    "nicht aufhoren", "nicht aufhoeren", "nao consigo parar", "sem parar",
    "nao pare", "nao parem", "senza smettere", "non smettere", "non smettete",
    NULL};

/* --- words --------------------------------------------------------------- */

const char *const rc_reply_main[] = {"stop", "stopall", "unsubscribe",
    "unsubscribed", "unsuscribe", "unsubscrib", "unsubscibe", "remove",
    "cancel", "revoke", "optout", NULL};

const char *const rc_reply_unlike[] = {"shop", "step", "slop", "top", "atop",
    "strop", "stomp", "swop", "sop", "sto", "stor", "stow", "stoup", "remote",
    "evoke", "revote", "cancer", "chancel", NULL};

const char *const rc_reply_telling[] = {"stops", "stopped", "stopping",
    "stoping", "stopit", "stopp", "stoppe", "stoppen", "quit", "quits",
    "quitting", "cease", "desist", "unsub", "unsubs", "unscribe",
    "unsubscribing", "removed", "removal", "removing", "cancelled", "canceled",
    "cancels", "cancelling", "canceling", "cancellation", "revoked", "revoking",
    "revocation", "optedout", "delete", "deleted", "erase", "withdraw",
    "withdrawn", "consent", "discontinue", "terminate", "deregister",
    "unregister", "unenroll", "unfollow", "spam", "spammer", "spammers",
    "spamming", "spammy", "scam", "scammer", "scammers", "phishing", "junk",
    "unwanted", "unsolicited", "nuisance", "annoying", "annoyed", "irritating",
    "bothering", "pestering", "harass", "harassing", "harassed", "harassment",
    "stalking", "lawyer", "lawyers", "attorney", "attorneys", "lawsuit",
    "suing", "sued", "illegal", "illegally", "unlawful", "violation",
    "violates", "landline", "qiut", "quitt", "tcpa", "fcc", "ftc", "gdpr",
    "ccpa", "ofcom", "pecr", "dnc", "donotcall", "complaint", "reported",
    "blocked", "police", "privacy", "deceased",
    /* Spanish */
    "parar", "paren", "pare", "detener", "detengan", "detenganse", "basta",
    "cancelar", "cancela", "cancele", "cancelen", "cancelad", "cancelacion",
    "eliminar", "elimina", "elimine", "eliminen", "eliminame", "elimineme",
    "eliminenme", "borrar", "borrame", "borreme", "borrenme", "anular", "anula",
    "anule", "anulen", "quitar", "quitame", "quiteme", "quitenme", "sacame",
    "saqueme", "saquenme", "desuscribir", "desuscribirme", "desuscribeme",
    "desuscribanme", "desinscribir", "desapuntar", "dejen", "desapuntarme",
    "dejame", "dejeme", "dejenme", "dejadme", "equivocado", "equivocada",
    "abogado", "abogada", "demanda", "demandar", "demandare", "denuncia",
    "denunciar", "denunciare", "acoso", "molestando", "estafa", "lopd", "rgpd",
    /* French */
    "arret", "arrete", "arretes", "arretez", "arreter", "desabonner",
    "desabonne", "desabonnez", "desabonnement", "desabo", "desinscrire",
    "desinscris", "desinscrit", "desinscrivez", "desinscription", "resilier",
    "resilie", "resiliez", "resiliation", "supprimer", "supprime", "supprimez",
    "suppression", "retirer", "retirez", "annuler", "annule", "annulez",
    "annulation", "cesser", "cessez", "rayer", "rayez", "enlever", "enleve",
    "enlevez", "stopper", "stoppez", "avocat", "avocate", "plainte",
    "harcelement", "harcelez", "cnil", "arnaque", "demarchage",
    /* German */
    "abmelden", "abmelde", "abgemeldet", "abmeldung", "abbestellen",
    "abbestelle", "abbestellt", "abbestellung", "austragen", "kundigen",
    "kuendigen", "kundige", "kuendige", "kundigung", "kuendigung", "loschen",
    "loeschen", "losche", "loesche", "loscht", "loescht", "loschung",
    "loeschung", "aufhoren", "aufhoeren", "schluss", "widerruf", "widerrufe",
    "widerrufen", "widerspruch", "widerspreche", "abbrechen", "einstellen",
    "entfernen", "entferne", "entfernt", "unterlassen", "unterlassung",
    "anwalt", "rechtsanwalt", "anzeige", "abmahnung", "dsgvo", "belastigung",
    "belaestigung", "belastigen", "belaestigen", "unerwunscht", "unerwuenscht",
    "beenden", "betrug", "verbraucherzentrale", "nervt", "nervig",
    /* Portuguese */
    "parem", "descadastrar", "descadastre", "descadastra", "descadastro",
    "descadastrem", "remover", "remova", "removam", "retirem", "excluir",
    "exclua", "excluam", "apagar", "apaguem", "desinscrever", "desinscreva",
    "desinscrevam", "cancelem", "cancelamento", "processar", "processo",
    "advogado", "advogada", "procon", "anatel", "lgpd", "golpe",
    /* Italian */
    "fermare", "fermate", "stufo", "stufa", "fermati", "fermatevi", "smettere",
    "smettila", "smetti", "smettete", "smettetela", "cancella", "cancellami",
    "cancellare", "cancellarmi", "cancellate", "cancellatemi", "cancellazione",
    "disiscrivere", "disiscrivermi", "disiscrivimi", "disiscrivetemi",
    "disiscrizione", "rimuovere", "rimuovi", "rimuovimi", "rimuovete",
    "rimuovetemi", "rimozione", "toglimi", "togliermi", "toglietemi", "annulla",
    "annullare", "annullate", "disdire", "disdetta", "avvocato", "querela",
    "denuncio", "garante", "recesso", "revoca", "revoco", "truffa", NULL};
