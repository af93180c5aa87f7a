#include "text/dialzone.h"

#include "text/country.h"

#include <string.h>

#define AREA_FIRST 200 /* area codes of +1 are 200 to 999 */

/* Area codes of +1 whose zones are known, as keys of the table below. */
static const char area[] =
    "-EEEcCPENPC-EPCEECCFE--ECCeECE-E--ECn--EE-------Ee" /* 200 */
    "nCEPC-Cn--E-Ce---E-EF-E-C-E--P-C-E-----e----------" /* 250 */
    "-EEMEErMDCP-CECECECCCE-PECEC-EECE-F-EC-E-P-e--CE--" /* 300 */
    "PEECe--P--PC-EFe-qmP----------E-e--ME-------------" /* 350 */
    "-ECmECMEPCE-EECPeCqE---FPP--h-CcC-EMEee-E-PE-E-CF-" /* 400 */
    "e------CN----EC---eCECE-rE--ECA--CE---------------" /* 450 */
    "-CEPCMhCEPP-CEeCEEEeA---------PC--C----CEN------e-" /* 500 */
    "-E-----C-P-EPCP--E--EECCFM---eCqE-cEEm------------" /* 550 */
    "-CAEpDFECEE-CeECEECPDC-AE-P-PCCE----C--rEC---EEe--" /* 600 */
    "PC----EP-CCPC----E-P--n-----EEEECe--E--E----------" /* 650 */
    "-DPEEeEPCs--CCPCEEEMM---EPCEE-CCE-E--CP-E-eE---PM-" /* 700 */
    "---eE--E--P-EC-E---CEEECEN--nCmEh--DE-------------" /* 750 */
    "-MEEEPCfH-E-FEECCCPePE---mE-E-CPC--E-PEEP--E-E-CE-" /* 800 */
    "F---E-EEPEECEEEE-y--C-Ce----Es--------------------" /* 850 */
    "-ChCEeFKEPE-ECEMPECEC---CP--BEFC--E-CEC-CEeE-C-EEP" /* 900 */
    "-PC-E-C--E----------MPCE-C--ECE--MECN--E----------" /* 950 */;

/*
 * Places by key: a country; a letter, what area codes of the United States
 * (capitals) and of Canada have in common; "1", an area code of all countries
 * of +1 or of none.
 */
static const struct {
	char key[RC_COUNTRY_LEN];
	const char *zones;
} place[] = {
    {"", ""},
    {"1", "America/New_York America/Chicago America/Denver "
	  "America/Los_Angeles America/Anchorage America/Phoenix "
	  "America/Adak Pacific/Honolulu America/St_Johns "
	  "America/Halifax America/Blanc-Sablon America/Atikokan "
	  "America/Regina Pacific/Pago_Pago Pacific/Guam"},
    {"A", "America/Phoenix"},
    {"AD", "Europe/Andorra"},
    {"AE", "Asia/Dubai"},
    {"AF", "Asia/Kabul"},
    {"AG", "America/Antigua"},
    {"AI", "America/Anguilla"},
    {"AL", "Europe/Tirane"},
    {"AM", "Asia/Yerevan"},
    {"AO", "Africa/Luanda"},
    {"AQ", "Antarctica/Casey Antarctica/Davis Antarctica/Mawson"},
    {"AR", "America/Argentina/Buenos_Aires"},
    {"AS", "Pacific/Pago_Pago"},
    {"AT", "Europe/Vienna"},
    {"AU", "Australia/Sydney Australia/Lord_Howe "
	   "Australia/Broken_Hill Australia/Brisbane Australia/Darwin "
	   "Australia/Perth Australia/Eucla"},
    {"AW", "America/Aruba"},
    {"AX", "Europe/Mariehamn"},
    {"AZ", "Asia/Baku"},
    {"B", "America/Phoenix America/Denver"},
    {"BA", "Europe/Sarajevo"},
    {"BB", "America/Barbados"},
    {"BD", "Asia/Dhaka"},
    {"BE", "Europe/Brussels"},
    {"BF", "Africa/Ouagadougou"},
    {"BG", "Europe/Sofia"},
    {"BH", "Asia/Bahrain"},
    {"BI", "Africa/Bujumbura"},
    {"BJ", "Africa/Porto-Novo"},
    {"BL", "America/St_Barthelemy"},
    {"BM", "Atlantic/Bermuda"},
    {"BN", "Asia/Brunei"},
    {"BO", "America/La_Paz"},
    {"BQ", "America/Kralendijk"},
    {"BR", "America/Sao_Paulo America/Manaus America/Rio_Branco "
	   "America/Noronha"},
    {"BS", "America/Nassau"},
    {"BT", "Asia/Thimphu"},
    {"BW", "Africa/Gaborone"},
    {"BY", "Europe/Minsk"},
    {"BZ", "America/Belize"},
    {"C", "America/Chicago"},
    {"CA", "America/Toronto America/Winnipeg America/Edmonton "
	   "America/Vancouver America/St_Johns America/Halifax "
	   "America/Blanc-Sablon America/Atikokan America/Regina "
	   "America/Creston"},
    {"CC", "Indian/Cocos"},
    {"CD", "Africa/Kinshasa Africa/Lubumbashi"},
    {"CF", "Africa/Bangui"},
    {"CG", "Africa/Brazzaville"},
    {"CH", "Europe/Zurich"},
    {"CI", "Africa/Abidjan"},
    {"CK", "Pacific/Rarotonga"},
    {"CL", "America/Santiago America/Coyhaique Pacific/Easter"},
    {"CM", "Africa/Douala"},
    {"CN", "Asia/Shanghai Asia/Urumqi"},
    {"CO", "America/Bogota"},
    {"CR", "America/Costa_Rica"},
    {"CU", "America/Havana"},
    {"CV", "Atlantic/Cape_Verde"},
    {"CW", "America/Curacao"},
    {"CX", "Indian/Christmas"},
    {"CY", "Asia/Nicosia"},
    {"CZ", "Europe/Prague"},
    {"D", "America/Chicago America/Denver"},
    {"DE", "Europe/Berlin"},
    {"DJ", "Africa/Djibouti"},
    {"DK", "Europe/Copenhagen"},
    {"DM", "America/Dominica"},
    {"DO", "America/Santo_Domingo"},
    {"DZ", "Africa/Algiers"},
    {"E", "America/New_York"},
    {"EC", "America/Guayaquil Pacific/Galapagos"},
    {"EE", "Europe/Tallinn"},
    {"EG", "Africa/Cairo"},
    {"EH", "Africa/El_Aaiun"},
    {"ER", "Africa/Asmara"},
    {"ES", "Europe/Madrid Atlantic/Canary"},
    {"ET", "Africa/Addis_Ababa"},
    {"F", "America/New_York America/Chicago"},
    {"FI", "Europe/Helsinki"},
    {"FJ", "Pacific/Fiji"},
    {"FK", "Atlantic/Stanley"},
    {"FM", "Pacific/Chuuk Pacific/Pohnpei"},
    {"FO", "Atlantic/Faroe"},
    {"FR", "Europe/Paris"},
    {"GA", "Africa/Libreville"},
    {"GB", "Europe/London"},
    {"GD", "America/Grenada"},
    {"GE", "Asia/Tbilisi"},
    {"GF", "America/Cayenne"},
    {"GG", "Europe/Guernsey"},
    {"GH", "Africa/Accra"},
    {"GI", "Europe/Gibraltar"},
    {"GL", "America/Nuuk America/Danmarkshavn America/Thule"},
    {"GM", "Africa/Banjul"},
    {"GN", "Africa/Conakry"},
    {"GP", "America/Guadeloupe"},
    {"GQ", "Africa/Malabo"},
    {"GR", "Europe/Athens"},
    {"GT", "America/Guatemala"},
    {"GU", "Pacific/Guam"},
    {"GW", "Africa/Bissau"},
    {"GY", "America/Guyana"},
    {"H", "Pacific/Honolulu"},
    {"HK", "Asia/Hong_Kong"},
    {"HN", "America/Tegucigalpa"},
    {"HR", "Europe/Zagreb"},
    {"HT", "America/Port-au-Prince"},
    {"HU", "Europe/Budapest"},
    {"ID", "Asia/Jakarta Asia/Makassar Asia/Jayapura"},
    {"IE", "Europe/Dublin"},
    {"IL", "Asia/Jerusalem"},
    {"IM", "Europe/Isle_of_Man"},
    {"IN", "Asia/Kolkata"},
    {"IO", "Indian/Chagos"},
    {"IQ", "Asia/Baghdad"},
    {"IR", "Asia/Tehran"},
    {"IS", "Atlantic/Reykjavik"},
    {"IT", "Europe/Rome"},
    {"JE", "Europe/Jersey"},
    {"JM", "America/Jamaica"},
    {"JO", "Asia/Amman"},
    {"JP", "Asia/Tokyo"},
    {"K", "America/Anchorage America/Adak"},
    {"KE", "Africa/Nairobi"},
    {"KG", "Asia/Bishkek"},
    {"KH", "Asia/Phnom_Penh"},
    {"KI", "Pacific/Tarawa Pacific/Kanton Pacific/Kiritimati"},
    {"KM", "Indian/Comoro"},
    {"KN", "America/St_Kitts"},
    {"KP", "Asia/Pyongyang"},
    {"KR", "Asia/Seoul"},
    {"KW", "Asia/Kuwait"},
    {"KY", "America/Cayman"},
    {"KZ", "Asia/Almaty"},
    {"LA", "Asia/Vientiane"},
    {"LB", "Asia/Beirut"},
    {"LC", "America/St_Lucia"},
    {"LI", "Europe/Vaduz"},
    {"LK", "Asia/Colombo"},
    {"LR", "Africa/Monrovia"},
    {"LS", "Africa/Maseru"},
    {"LT", "Europe/Vilnius"},
    {"LU", "Europe/Luxembourg"},
    {"LV", "Europe/Riga"},
    {"LY", "Africa/Tripoli"},
    {"M", "America/Denver"},
    {"MA", "Africa/Casablanca"},
    {"MC", "Europe/Monaco"},
    {"MD", "Europe/Chisinau"},
    {"ME", "Europe/Podgorica"},
    {"MF", "America/Marigot"},
    {"MG", "Indian/Antananarivo"},
    {"MH", "Pacific/Majuro"},
    {"MK", "Europe/Skopje"},
    {"ML", "Africa/Bamako"},
    {"MM", "Asia/Yangon"},
    {"MN", "Asia/Ulaanbaatar Asia/Hovd"},
    {"MO", "Asia/Macau"},
    {"MP", "Pacific/Saipan"},
    {"MQ", "America/Martinique"},
    {"MR", "Africa/Nouakchott"},
    {"MS", "America/Montserrat"},
    {"MT", "Europe/Malta"},
    {"MU", "Indian/Mauritius"},
    {"MV", "Indian/Maldives"},
    {"MW", "Africa/Blantyre"},
    {"MX", "America/Mexico_City America/Hermosillo America/Cancun "
	   "America/Matamoros America/Ciudad_Juarez America/Tijuana"},
    {"MY", "Asia/Kuala_Lumpur"},
    {"MZ", "Africa/Maputo"},
    {"N", "America/Denver America/Los_Angeles"},
    {"NA", "Africa/Windhoek"},
    {"NC", "Pacific/Noumea"},
    {"NE", "Africa/Niamey"},
    {"NF", "Pacific/Norfolk"},
    {"NG", "Africa/Lagos"},
    {"NI", "America/Managua"},
    {"NL", "Europe/Amsterdam"},
    {"NO", "Europe/Oslo"},
    {"NP", "Asia/Kathmandu"},
    {"NR", "Pacific/Nauru"},
    {"NU", "Pacific/Niue"},
    {"NZ", "Pacific/Auckland Pacific/Chatham"},
    {"OM", "Asia/Muscat"},
    {"P", "America/Los_Angeles"},
    {"PA", "America/Panama"},
    {"PE", "America/Lima"},
    {"PF", "Pacific/Tahiti Pacific/Marquesas Pacific/Gambier"},
    {"PG", "Pacific/Port_Moresby Pacific/Bougainville"},
    {"PH", "Asia/Manila"},
    {"PK", "Asia/Karachi"},
    {"PL", "Europe/Warsaw"},
    {"PM", "America/Miquelon"},
    {"PR", "America/Puerto_Rico"},
    {"PS", "Asia/Gaza"},
    {"PT", "Europe/Lisbon Atlantic/Azores"},
    {"PW", "Pacific/Palau"},
    {"PY", "America/Asuncion"},
    {"QA", "Asia/Qatar"},
    {"RE", "Indian/Reunion"},
    {"RO", "Europe/Bucharest"},
    {"RS", "Europe/Belgrade"},
    {"RU", "Europe/Moscow Europe/Samara Asia/Yekaterinburg Asia/Omsk "
	   "Asia/Krasnoyarsk Asia/Irkutsk Asia/Yakutsk "
	   "Asia/Vladivostok Asia/Magadan Asia/Kamchatka "
	   "Europe/Kaliningrad"},
    {"RW", "Africa/Kigali"},
    {"SA", "Asia/Riyadh"},
    {"SB", "Pacific/Guadalcanal"},
    {"SC", "Indian/Mahe"},
    {"SD", "Africa/Khartoum"},
    {"SE", "Europe/Stockholm"},
    {"SG", "Asia/Singapore"},
    {"SH", "Atlantic/St_Helena"},
    {"SI", "Europe/Ljubljana"},
    {"SJ", "Arctic/Longyearbyen"},
    {"SK", "Europe/Bratislava"},
    {"SL", "Africa/Freetown"},
    {"SM", "Europe/San_Marino"},
    {"SN", "Africa/Dakar"},
    {"SO", "Africa/Mogadishu"},
    {"SR", "America/Paramaribo"},
    {"SS", "Africa/Juba"},
    {"ST", "Africa/Sao_Tome"},
    {"SV", "America/El_Salvador"},
    {"SX", "America/Lower_Princes"},
    {"SY", "Asia/Damascus"},
    {"SZ", "Africa/Mbabane"},
    {"TC", "America/Grand_Turk"},
    {"TD", "Africa/Ndjamena"},
    {"TG", "Africa/Lome"},
    {"TH", "Asia/Bangkok"},
    {"TJ", "Asia/Dushanbe"},
    {"TK", "Pacific/Fakaofo"},
    {"TL", "Asia/Dili"},
    {"TM", "Asia/Ashgabat"},
    {"TN", "Africa/Tunis"},
    {"TO", "Pacific/Tongatapu"},
    {"TR", "Europe/Istanbul"},
    {"TT", "America/Port_of_Spain"},
    {"TV", "Pacific/Funafuti"},
    {"TW", "Asia/Taipei"},
    {"TZ", "Africa/Dar_es_Salaam"},
    {"UA", "Europe/Simferopol Europe/Kyiv"},
    {"UG", "Africa/Kampala"},
    {"US", "America/New_York America/Chicago America/Denver "
	   "America/Los_Angeles America/Anchorage America/Phoenix "
	   "America/Adak Pacific/Honolulu"},
    {"UY", "America/Montevideo"},
    {"UZ", "Asia/Samarkand"},
    {"VA", "Europe/Vatican"},
    {"VC", "America/St_Vincent"},
    {"VE", "America/Caracas"},
    {"VG", "America/Tortola"},
    {"VI", "America/St_Thomas"},
    {"VN", "Asia/Ho_Chi_Minh"},
    {"VU", "Pacific/Efate"},
    {"WF", "Pacific/Wallis"},
    {"WS", "Pacific/Apia"},
    {"XK", "Europe/Belgrade"},
    {"YE", "Asia/Aden"},
    {"YT", "Indian/Mayotte"},
    {"ZA", "Africa/Johannesburg"},
    {"ZM", "Africa/Lusaka"},
    {"ZW", "Africa/Harare"},
    {"c", "America/Winnipeg"},
    {"e", "America/Toronto"},
    {"f", "America/Toronto America/Winnipeg"},
    {"h", "America/Halifax"},
    {"m", "America/Edmonton"},
    {"n", "America/Edmonton America/Vancouver"},
    {"p", "America/Vancouver"},
    {"q", "America/Toronto America/Halifax"},
    {"r", "America/Regina America/Edmonton"},
    {"s", "America/St_Johns America/Halifax"},
    {"y", "America/Toronto America/Winnipeg America/Edmonton "
	  "America/Whitehorse"},
};
#define PLACES (sizeof(place) / sizeof(place[0]))

size_t
rc_dialzone_places(void)
{
	return PLACES;
}

const char *
rc_dialzone_zones(size_t i)
{
	return place[i].zones;
}

static size_t
seek(const char *key)
{
	size_t low = 0, high = PLACES;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(key, place[middle].key);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return RC_DIALZONE_NOWHERE;
}

size_t
rc_dialzone_of(uint64_t phone)
{
	char key[RC_COUNTRY_LEN] = "";
	uint64_t head = phone, code;

	while (head >= 10000)
		head /= 10;
	code = head % 1000;
	if (head / 1000 == 1 && code >= AREA_FIRST)
		key[0] = area[code - AREA_FIRST];
	if (key[0] == '\0' || key[0] == '-')
		rc_country_of(phone, key);
	if (key[0] == '\0' && head / 1000 == 1)
		key[0] = '1';
	return seek(key);
}
