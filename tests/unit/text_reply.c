#include "text/reply_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char *const names[] = {"other", "stop", "start", "help", "review"};

/* Says every text of the list that is taken for something else. */
static void
expect(enum rc_reply want, const char *const *texts, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++) {
		enum rc_reply got = rc_reply_classify(rc_slice_str(texts[i]));

		if (got == want)
			continue;
		print_error(
		    "'%s' is %s, not %s\n", texts[i], names[got], names[want]);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

#define EXPECT(want, texts)                                                    \
	expect(want, texts, sizeof(texts) / sizeof((texts)[0]))

static void
a_single_word_is_an_instruction_however_it_is_written(void **state)
{
	static const char *const stop[] = {"STOP", "stop", "Stop.", " STOP ",
	    "STOP!!", "\"stop\"", "(Stop)", "'stop'", "STOP\r\n", "Stop 🛑",
	    "🖕 STOP 🖕", "ＳＴＯＰ", "“STOP”", "«stop»", "¡STOP!",
	    "*STOP*", "stop…", "-stop-", "STOP\u00a0", "\u200bSTOP", "STOPALL",
	    "unsubscribe", "Unsubscribe.", "END", "quit", "Cancel!", "REVOKE",
	    "optout"};
	static const char *const start[] = {
	    "START", "start!", "Yes", "yes 👍", "UNSTOP", " unstop."};
	static const char *const help[] = {"HELP", "help?", "Info", "INFO!"};

	(void)state;
	EXPECT(RC_REPLY_STOP, stop);
	EXPECT(RC_REPLY_START, start);
	EXPECT(RC_REPLY_HELP, help);
}

static void
a_revocation_in_english_goes_to_review(void **state)
{
	static const char *const review[] = {"please stop texting me",
	    "Stop texting me", "STOP STOP STOP", "stop it", "stop please",
	    "Please, stop.", "take me off your list", "Take me off this list!",
	    "take my number off your list", "get me off this thing",
	    "remove me", "Remove my number please", "do not contact",
	    "DO NOT CONTACT ME AGAIN", "don't contact me", "leave me alone",
	    "Leave us alone!!", "wrong number", "You have the wrong number",
	    "sorry wrong person", "this is no longer her number",
	    "quit messaging", "quit texting me", "unsubscribe me please",
	    "please unsubscribe", "unsubscribe from all", "no more texts",
	    "No more messages please", "no more", "no more of these texts",
	    "don't text me", "Dont text this number again",
	    "never text me again", "do not ever text me", "please dont call",
	    "do not send me any more of this", "opt out", "opt-out",
	    "Opt me out", "I'm opting out", "I want to opt out of this",
	    "end these messages", "cease and desist", "cancel my subscription",
	    "I revoke my consent", "I withdraw my consent",
	    "I never signed up for this", "I didn't sign up for this",
	    "i did not consent", "I never gave you permission",
	    "how did you get my number", "who gave you my number",
	    "where'd you get this number?", "go away", "fuck off", "F off",
	    "lose my number", "delete my number", "shut up", "not interested",
	    "I'm not interested", "im not at all interested",
	    "no longer interested", "no thanks", "No, thank you", "No", "nope",
	    "enough", "enough already with the texts", "too many texts",
	    "I'm sick of these messages", "tired of your texts",
	    "I don't want these texts", "I do not want to receive messages",
	    "don't want this anymore", "i dont want to hear from you",
	    "I don't wish to be contacted", "This is spam", "reported as spam",
	    "stop spamming", "scam!", "You're blocked", "I will block you",
	    "blocking this number", "please discontinue",
	    "terminate this service", "unsub", "she passed away in June",
	    "he is deceased", "count me out", "you never stop texting me",
	    "don't. stop. now.", "Don't! Stop!",
	    "I can't stop getting these texts, stop it", "FU", "no no"};

	(void)state;
	EXPECT(RC_REPLY_REVIEW, review);
}

static void
what_people_wrote_goes_to_review(void **state)
{
	static const char *const review[] = {"Pls take this # off ur list",
	    "Don't want ur msgs", "No mas mensajes", "STOP ALL",
	    "Who is this? Stop texting my phone", "plz stop",
	    "Nope not interested thx", "Do not message this number.",
	    "how do i stop this", "Quit it", "Dont send me anything",
	    "dont send me sh*t", "Lose this number",
	    "this isn't maria's phone anymore", "This is not Maria",
	    "He doesn't live here", "no one named Bob here", "U have wrong #",
	    "wrong #", "WRONG NMBR", "Not me",
	    "This number belongs to someone else now", "I'm on DNC list",
	    "This is a landline", "Please don't", "Please no texts after 9pm",
	    "You're harassing me", "Im gonna block u", "F*** off", "f*ck off",
	    "f u", "eat shit", "kys", "do NOT text", "stop bugging me",
	    "get out of my phone", "take me out of this", "delete me",
	    "erase me", "get rid of me", "I'd like off this list", "I want off",
	    "want out", "not anymore", "no longer needed", "don't need this",
	    "remove plz", "stop pls", "ya me quiero salir", "no molesten",
	    "quiero salir de esta lista", "no me escriban", "no mandar mas sms",
	    "deja de mandarme mensajes", "basta de mensajes", "ya dejen",
	    "J'en ai marre de vos messages", "arretez svp", "stop pub",
	    "je ne suis plus interesse", "veuillez me retirer",
	    "ne plus recevoir", "enlevez mon numero",
	    "Bitte keine Nachrichten mehr", "Bitte löschen", "kein bock",
	    "nerv nicht", "Lass das", "ich will das nicht",
	    "nicht interessiert", "hau ab", "Verpiss dich", "Nehmt mich raus",
	    "bitte austragen", "streichen Sie mich", "nie wieder",
	    "para com isso", "não quero", "chega de mensagem", "me remova",
	    "sai fora", "tira meu número", "não me incomodem",
	    "non ne posso più", "smettete di inviarmi sms", "non scrivermi",
	    "non disturbare", "vorrei cancellarmi", "togliere il mio numero",
	    "fermate questi messaggi", "mi avete rotto", "rimuovetemi subito",
	    "I do not consent to these messages", "Texting me is a violation",
	    "I have asked you 3 times", "I already told you no", "I said stop",
	    "please end this", "End this now", "no msg", "no txt pls", "no sms",
	    "not intrested", "get off my phone", "no text", "NO TEXTS",
	    "unfollow", "do not call list", "I'm a minor",
	    "pare de me mandar sms", "ENOUGH!!", "Why do you keep texting me",
	    "why are you texting me", "qiut", "cancl", "sotp texting", "ST0P",
	    "st op", "s top", "sto p", "stop-texting", "opt-out please",
	    "Optout please", "out please", "unsuscribe please",
	    "Unsubscribe me pleae"};

	(void)state;
	EXPECT(RC_REPLY_REVIEW, review);
}

static void
a_threat_goes_to_review(void **state)
{
	static const char *const review[] = {"I will sue you",
	    "my lawyer will hear of this", "My attorney is on it",
	    "this violates the TCPA", "I am on the do not call list",
	    "see you in court", "I'll take you to small claims court",
	    "reporting you to the FCC", "this is harassment",
	    "under GDPR erase my data", "legal action will follow",
	    "I'll call the police", "expect a lawsuit", "class action!!",
	    "filing a complaint with the FTC", "i'm gonna sue",
	    "This is illegal"};

	(void)state;
	EXPECT(RC_REPLY_REVIEW, review);
}

static void
misspelt_and_bent_words_go_to_review(void **state)
{
	static const char *const review[] = {"stpo", "STPO", "sotp", "tsop",
	    "stp", "stoop texting", "sttop", "STOPP", "dtop", "st0p",
	    "atop!!!!stop", "STOOOOP", "stopppp", "S T O P", "s.t.o.p",
	    "S-T-O-P", "s t o p !", "unsubcribe", "unsuscribe", "unsubscibe",
	    "unsubscribr", "unsubscrbe", "UNSUBSCRIBED", "unsubscribee",
	    "remvoe me", "reomve", "cancle", "cancell", "revok", "optuot",
	    "leave me alnoe", "wrong numbr", "not intrested", "stóp", "ŞTOP",
	    "𝐒𝐓𝐎𝐏", "ⓢⓣⓞⓟ", "🅂🅃🄾🄿", "𝗦𝘁𝗼𝗽 texting", "STOP\u0301",
	    "Don’t text me", "DON`T TEXT ME", "don´t text me",
	    "ｄｏｎ＇ｔ　ｔｅｘｔ　ｍｅ", "do\u00a0not\u00a0contact",
	    "un\u00adsubscribe me", "sto\u200bp texting", "🛑",
	    "🛑🛑🛑", "🖕", "⛔️", "no 🚫 texts", "👎", "START 🛑"};

	(void)state;
	EXPECT(RC_REPLY_REVIEW, review);
}

static void
other_languages_are_read(void **state)
{
	static const char *const review[] = {/* Spanish */
	    "Basta", "¡Basta ya!", "No me envíen más mensajes",
	    "no me manden mas", "dejen de escribirme", "Deje de molestar",
	    "déjenme en paz", "Quiero darme de baja", "BAJA", "dar de baja",
	    "número equivocado", "Está equivocado", "elimíneme de la lista",
	    "bórrenme por favor", "no quiero recibir publicidad",
	    "ya no me contacten", "No me interesa", "no gracias",
	    "voy a denunciar", "cancelar suscripción", "ALTO",
	    "no me llamen nunca más", "quítenme de su lista", "no molestar",
	    /* French */
	    "Arrêtez", "ARRET", "arrêtez de m'envoyer des SMS",
	    "arretez d’envoyer", "Désabonnez-moi", "désinscription",
	    "Je veux me désabonner", "ne me contactez plus",
	    "Ne m'envoyez plus de messages", "plus de SMS svp",
	    "je ne veux plus recevoir", "je veux plus recevoir vos pubs",
	    "laissez-moi tranquille", "foutez-moi la paix", "mauvais numéro",
	    "Vous vous êtes trompé de numéro", "faux numéro", "pas intéressée",
	    "Non merci", "non", "supprimez mon numéro",
	    "Retirez-moi de votre liste", "mon avocat vous écrira",
	    "je porte plainte", "c'est du harcèlement", "CNIL", "STOP SMS",
	    "stop svp", "résilier", "me contactez plus",
	    /* German */
	    "Stopp", "stop bitte", "Abmelden", "bitte abmelden!", "Hört auf!",
	    "Hören Sie auf mir zu schreiben", "hoer auf", "Keine SMS mehr",
	    "keine weiteren Nachrichten bitte", "Keine Werbung",
	    "Kein Interesse", "Ich habe kein Interesse", "Lasst mich in Ruhe",
	    "in ruhe lassen", "Falsche Nummer", "Löschen Sie meine Nummer",
	    "loeschen", "kündigen", "Ich widerrufe meine Einwilligung",
	    "Widerruf", "schreibt mir nicht mehr", "Schreiben Sie mir nicht",
	    "Nehmen Sie mich von der Liste", "nein danke", "Nein",
	    "Mein Anwalt meldet sich", "DSGVO Auskunft", "Das ist Belästigung",
	    "Bitte nicht mehr anrufen", "aufhören", "Abbestellen", "Schluss!",
	    /* Portuguese */
	    "Pare", "Parem de me mandar mensagens", "pare de enviar", "SAIR",
	    "Cancelar", "descadastrar", "me descadastra", "não quero receber",
	    "Não me mande mais mensagens", "não enviem mais", "nao perturbe",
	    "Número errado", "pessoa errada", "me deixe em paz",
	    "me tira dessa lista", "remova meu número", "sem interesse",
	    "não, obrigado", "não tenho interesse", "vou processar vocês",
	    "PROCON", "nunca mais", "chega", "já chega", "não",
	    /* Italian */
	    "Basta!", "smettetela", "Smettila di scrivermi",
	    "non scrivetemi più", "Non contattatemi", "non voglio più SMS",
	    "non mi interessa", "Cancellatemi", "cancellami dalla lista",
	    "disiscrivimi", "numero sbagliato", "avete sbagliato numero",
	    "lasciatemi in pace", "No grazie", "toglietemi dalla lista",
	    "mai più", "revoco il consenso", "il mio avvocato",
	    "non inviate altri messaggi", "fermatevi"};

	(void)state;
	EXPECT(RC_REPLY_REVIEW, review);
}

static void
what_cannot_be_read_goes_to_review(void **state)
{
	static const char *const review[] = {"стоп", "отпишите меня", "停止",
	    "やめてください", "توقف", "ΣΤΟΠ", "sтор", "\xff\xfe", "arr\xeatez",
	    "STOP 停止", "ok \xf0\x9f"};

	(void)state;
	EXPECT(RC_REPLY_REVIEW, review);
}

static void
a_text_of_too_many_words_goes_to_review(void **state)
{
	struct rc_buf text = RC_BUF_INIT(100000);

	(void)state;
	for (int i = 0; i < 800; i++)
		rc_buf_adds(&text, "ok ");
	assert_int_equal(
	    rc_reply_classify(rc_buf_slice(&text)), RC_REPLY_OTHER);
	rc_buf_adds(&text, "ok ");
	assert_int_equal(
	    rc_reply_classify(rc_buf_slice(&text)), RC_REPLY_REVIEW);
	rc_buf_reset(&text);
	for (int i = 0; i < 600; i++)
		rc_buf_adds(&text, "thankful ");
	assert_int_equal(
	    rc_reply_classify(rc_buf_slice(&text)), RC_REPLY_REVIEW);
	rc_buf_free(&text);
}

static void
what_people_say_otherwise_is_left_alone(void **state)
{
	static const char *const other[] = {"", " ", "...", "?", "👍",
	    "❤️ 😍", "ok", "Ok!", "Thanks!", "thank you so much",
	    "Love it", "can't stop loving it", "I can’t stop shopping here",
	    "cannot stop smiling", "I just can't stop", "cant quit you guys",
	    "never stop being awesome", "Don't stop!", "please don't stop",
	    "do not stop", "it never stops being good", "won't stop now",
	    "couldn't stop laughing", "non-stop fun", "a one-stop shop",
	    "where is the bus stop?", "I'll stop by tomorrow",
	    "stopped by yesterday", "next stop: your shop",
	    "When does the shop open?", "What time do you close?", "Yes please",
	    "yes I will be there", "start the sale already",
	    "great step forward", "top!", "TOP", "is the sale still on",
	    "who is this?", "call me", "please text me", "text me later",
	    "Send me more info", "more info please", "I need help",
	    "help me choose", "do you have size 9?", "12345", "see you there",
	    "the end of the season?", "my weekend was great", "quite nice",
	    "quiet please", "Sue here, love it", "where is my order",
	    "did my parcel get lost?", "my phone is dead, call later",
	    "do I get 20% off your shoes?", "you sent me the wrong size",
	    "I'm in", "sign me up", "not bad at all", "not yet", "no problem",
	    "No worries!", "no idea", "I have no size preference",
	    "don't worry, I'll text you", "I didn't know that!",
	    "I never got the code", "let me know", "leave it at the door",
	    "put me on the guest list", "I'd like to subscribe",
	    "resubscribe me", "can I use the remote", "shop shop shop",
	    "don't remove me!", "do not unsubscribe me", "don't cancel", "lol",
	    "Haha", "K", "a b c", "I a m in", "www.shop.example",
	    "my email is ada@example.com", "is it raining?", "wow!!!!!!",
	    "sooooo good", "yaaaas", "1000 thanks", "Good morning",
	    "Loved “New shoes! Reply STOP to end”",
	    "Liked “Sale. Text STOP to opt out.”", "Laughed at “STOP to quit”",
	    /* not English */
	    "Gracias", "¡Muchas gracias!", "Perfecto, allí estaré",
	    "¿A qué hora abren?", "no puedo parar de comprar",
	    "quiero más información", "Merci beaucoup", "C'est super",
	    "Où est ma commande ?", "j'arrive", "je n'arrête pas d'acheter",
	    "Danke schön", "Wann öffnet ihr?", "Super, bin dabei",
	    "Größe 42 bitte", "Obrigado", "Quando chega o pedido?",
	    "não consigo parar de comprar", "Que legal, vou sim",
	    "Grazie mille", "Sto bene, grazie", "quando aprite?",
	    "arrivo domani", "tak for det", "det er en stor by",
	    "Dziękuję bardzo", "děkuji", "mulțumesc", "teşekkürler"};

	(void)state;
	EXPECT(RC_REPLY_OTHER, other);
}

static void
everyday_replies_are_left_alone(void **state)
{
	static const char *const other[] = {"This is great",
	    "Do you have this in size 9?", "When will you send it?",
	    "Please send me the link", "Can you call me?", "I'll call you",
	    "don't know yet", "why is shipping so slow?",
	    "why do you not ship to Canada", "I need it by Friday",
	    "I want it!", "want!", "I want this", "Can I return this?",
	    "how do I return it", "is this legit?", "who's this", "not sure",
	    "I'm not sure", "no worries", "no rush", "no way!", "No it's fine",
	    "not today", "maybe later", "next time", "Thanks for the text!",
	    "Got your message, thanks", "please keep me posted",
	    "I love your messages", "love these texts", "yes send me the code",
	    "send", "Is it too late to order?", "This code doesn't work",
	    "The link is not working", "what's the return policy",
	    "Does it come in blue", "I moved to Boston",
	    "Can I change my number?", "my new number is 12025550101",
	    "I got 3 of these", "wow nice", "Happy birthday!", "No ID needed?",
	    "what is the end date?", "When does it end?", "the weekend",
	    "I never win anything lol", "never mind", "nevermind",
	    "don't forget me", "Don't miss it", "do not know",
	    "I don't have it", "C'est combien ?", "oui", "si", "ja", "sim",
	    "sì", "ja gerne", "vielen Dank für die Nachricht",
	    "ich komme gerne", "wo ist der Laden", "j'adore",
	    "merci pour le message", "à bientôt", "me interesa",
	    "quiero comprar", "cuánto cuesta", "muito bom", "quanto custa",
	    "adoro", "quanto costa", "bellissimo", "mi piace",
	    "voglio comprarlo", "non vedo l'ora"};

	(void)state;
	EXPECT(RC_REPLY_OTHER, other);
}

/* --- the tables themselves ----------------------------------------------- */

static const struct rc_reply_class *
class_of(struct rc_slice name)
{
	const struct rc_reply_class *c = rc_reply_class;

	while (c->name != NULL && !rc_slice_is(name, c->name))
		c++;
	if (c->name == NULL)
		fail_msg("no class '%.*s'", (int)name.len, name.p);
	return c;
}

static bool
is_folded(const char *words)
{
	return words[0] != ' ' && strstr(words, "  ") == NULL &&
	       words[strspn(words, "abcdefghijklmnopqrstuvwxyz0123456789 ")] ==
		   '\0';
}

/* A text that follows the pattern: gaps filled, of a class its last word. */
static void
make_text(const char *pattern, struct rc_buf *out)
{
	rc_buf_reset(out);
	for (size_t len; *pattern != '\0'; pattern += len) {
		struct rc_slice token = {pattern, strcspn(pattern, " ")};

		len = token.len + strspn(pattern + token.len, " ");
		if (*pattern == '*')
			token = RC_SLICE_LIT("xyzzy");
		else if (*pattern == '~')
			token = RC_SLICE_LIT("xyzzy, xyzzy xyzzy");
		else if (*pattern == '@')
			token = rc_slice_str(
			    strrchr(class_of(token)->words, ' ') + 1);
		rc_buf_addv(out, token);
		rc_buf_addc(out, ' ');
	}
}

static void
expect_each(enum rc_reply want, const char *const *patterns)
{
	struct rc_buf text = RC_BUF_INIT(1000);

	for (; *patterns != NULL; patterns++) {
		make_text(*patterns, &text);
		if (rc_reply_classify(rc_buf_slice(&text)) != want)
			fail_msg("'%s' is not found in '%s'", *patterns,
			    rc_buf_str(&text));
	}
	rc_buf_free(&text);
}

static void
every_row_of_the_tables_is_reached(void **state)
{
	const struct rc_reply_class *c;

	(void)state;
	expect_each(RC_REPLY_REVIEW, rc_reply_revoking);
	expect_each(RC_REPLY_REVIEW, rc_reply_alone);
	expect_each(RC_REPLY_OTHER, rc_reply_harmless);
	expect_each(RC_REPLY_OTHER, rc_reply_unlike);
	for (c = rc_reply_class; c->name != NULL; c++)
		assert_true(is_folded(c->words));
	for (const char *const *w = rc_reply_telling; *w != NULL; w++) {
		struct rc_buf text = RC_BUF_INIT(100);

		assert_true(is_folded(*w));
		rc_buf_addf(&text, "xyzzy %s", *w);
		if (rc_reply_classify(rc_buf_slice(&text)) != RC_REPLY_REVIEW)
			fail_msg("'%s' is not found", *w);
		rc_buf_free(&text);
	}
}

static void
a_reaction_followed_by_words_is_read(void **state)
{
	static const char *const review[] = {
	    "Loved “New shoes! Reply STOP to end” stop texting",
	    "Disliked “New shoes! Reply STOP to end”", "Loved “stop", "Liked ",
	    "Loved “a” stop ”"};

	(void)state;
	expect(RC_REPLY_REVIEW, review, 3);
	expect(RC_REPLY_OTHER, review + 3, 1);
	expect(RC_REPLY_REVIEW, review + 4, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_single_word_is_an_instruction_however_it_is_written),
	    cmocka_unit_test(a_revocation_in_english_goes_to_review),
	    cmocka_unit_test(what_people_wrote_goes_to_review),
	    cmocka_unit_test(a_threat_goes_to_review),
	    cmocka_unit_test(misspelt_and_bent_words_go_to_review),
	    cmocka_unit_test(other_languages_are_read),
	    cmocka_unit_test(what_cannot_be_read_goes_to_review),
	    cmocka_unit_test(a_text_of_too_many_words_goes_to_review),
	    cmocka_unit_test(what_people_say_otherwise_is_left_alone),
	    cmocka_unit_test(everyday_replies_are_left_alone),
	    cmocka_unit_test(every_row_of_the_tables_is_reached),
	    cmocka_unit_test(a_reaction_followed_by_words_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
