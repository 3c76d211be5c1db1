"""Countries as words: names, demonyms and seats of government, so that a model can look past who it is about.

One line per country: ISO 3166 alpha-3 code, names, demonyms (adjective and people), capital or seat of government;
fields are parted by `;`, alternatives by `,`. Words that are everyday English beside being a name (`Chad` the first
name, `Nice`, `Male`) are listed only in the form that is plainly the country.
"""

TABLE = """
AFG;Afghanistan;Afghan,Afghans;Kabul
ALB;Albania;Albanian,Albanians;Tirana
DZA;Algeria;Algerian,Algerians;Algiers
AND;Andorra;Andorran,Andorrans;
AGO;Angola;Angolan,Angolans;Luanda
ARG;Argentina;Argentine,Argentines,Argentinian,Argentinians;Buenos Aires
ARM;Armenia;Armenian,Armenians;Yerevan
AUS;Australia;Australian,Australians;Canberra
AUT;Austria;Austrian,Austrians;Vienna
AZE;Azerbaijan;Azerbaijani,Azerbaijanis,Azeri,Azeris;Baku
BHS;Bahamas;Bahamian,Bahamians;Nassau
BHR;Bahrain;Bahraini,Bahrainis;Manama
BGD;Bangladesh;Bangladeshi,Bangladeshis;Dhaka
BLR;Belarus;Belarusian,Belarusians,Belarussian,Belarussians;Minsk
BEL;Belgium;Belgian,Belgians;
BLZ;Belize;Belizean,Belizeans;Belmopan
BEN;Benin;Beninese;Cotonou,Porto-Novo
BTN;Bhutan;Bhutanese;Thimphu
BOL;Bolivia;Bolivian,Bolivians;La Paz
BIH;Bosnia,Bosnia-Herzegovina,Bosnia and Herzegovina;Bosnian,Bosnians;Sarajevo
BWA;Botswana;Botswanan;Gaborone
BRA;Brazil;Brazilian,Brazilians;Brasilia
BRN;Brunei;Bruneian,Bruneians;
BGR;Bulgaria;Bulgarian,Bulgarians;Sofia
BFA;Burkina Faso,Burkina;Burkinabe;Ouagadougou
BDI;Burundi;Burundian,Burundians;Bujumbura
KHM;Cambodia;Cambodian,Cambodians;Phnom Penh
CMR;Cameroon;Cameroonian,Cameroonians;Yaounde
CAN;Canada;Canadian,Canadians;Ottawa
CAF;Central African Republic,CAR;Central African;Bangui
TCD;Chad;Chadian,Chadians;N'Djamena,Ndjamena
CHL;Chile;Chilean,Chileans;Santiago
CHN;China,PRC;Chinese;Beijing
COL;Colombia;Colombian,Colombians;Bogota
COM;Comoros;Comorian,Comorians;Moroni
COG;Congo,Congo Republic,Republic of Congo,Congo-Brazzaville;Congolese;Brazzaville
COD;DRC,DR Congo,Democratic Republic of Congo,Democratic Republic of the Congo,Congo-Kinshasa;;Kinshasa
CRI;Costa Rica;Costa Rican,Costa Ricans;San Jose
CIV;Ivory Coast,Cote d'Ivoire;Ivorian,Ivorians,Ivory Coast's;Abidjan,Yamoussoukro
HRV;Croatia;Croatian,Croatians,Croat,Croats;Zagreb
CUB;Cuba;Cuban,Cubans;Havana
CYP;Cyprus;Cypriot,Cypriots;Nicosia
CZE;Czech Republic,Czechia;Czech,Czechs;Prague
DNK;Denmark;Danish,Danes;Copenhagen
DJI;Djibouti;Djiboutian,Djiboutians;
DOM;Dominican Republic;Dominican,Dominicans;Santo Domingo
TLS;East Timor,Timor-Leste;East Timorese,Timorese;Dili
ECU;Ecuador;Ecuadorean,Ecuadoreans,Ecuadorian,Ecuadorians;Quito
EGY;Egypt;Egyptian,Egyptians;Cairo
SLV;El Salvador;Salvadoran,Salvadorans,Salvadorean;San Salvador
GNQ;Equatorial Guinea;Equatoguinean;Malabo
ERI;Eritrea;Eritrean,Eritreans;Asmara
EST;Estonia;Estonian,Estonians;Tallinn
SWZ;Swaziland,Eswatini;Swazi,Swazis;Mbabane
ETH;Ethiopia;Ethiopian,Ethiopians;Addis Ababa
FJI;Fiji;Fijian,Fijians;Suva
FIN;Finland;Finnish,Finns;Helsinki
FRA;France;French;Paris
GAB;Gabon;Gabonese;Libreville
GMB;Gambia;Gambian,Gambians;Banjul
GEO;Georgia;Georgian,Georgians;Tbilisi
DEU;Germany,West Germany,East Germany;German,Germans;Berlin
GHA;Ghana;Ghanaian,Ghanaians;Accra
GRC;Greece;Greek,Greeks;Athens
GTM;Guatemala;Guatemalan,Guatemalans;Guatemala City
GIN;Guinea;Guinean,Guineans;Conakry
GNB;Guinea-Bissau,Guinea Bissau;Bissau-Guinean;Bissau
GUY;Guyana;Guyanese;Georgetown
HTI;Haiti;Haitian,Haitians;Port-au-Prince
HND;Honduras;Honduran,Hondurans;Tegucigalpa
HUN;Hungary;Hungarian,Hungarians;Budapest
ISL;Iceland;Icelandic,Icelanders;Reykjavik
IND;India;Indian,Indians;New Delhi,Delhi
IDN;Indonesia;Indonesian,Indonesians;Jakarta
IRN;Iran,Islamic Republic;Iranian,Iranians;Tehran,Teheran
IRQ;Iraq;Iraqi,Iraqis;Baghdad
IRL;Ireland;Irish;Dublin
ISR;Israel;Israeli,Israelis;Jerusalem,Tel Aviv
ITA;Italy;Italian,Italians;Rome
JAM;Jamaica;Jamaican,Jamaicans;Kingston
JPN;Japan;Japanese;Tokyo
JOR;Jordan;Jordanian,Jordanians;Amman
KAZ;Kazakhstan;Kazakh,Kazakhs,Kazakhstani;Astana,Nur-Sultan
KEN;Kenya;Kenyan,Kenyans;Nairobi
XKX;Kosovo;Kosovan,Kosovans,Kosovar,Kosovars;Pristina
KWT;Kuwait;Kuwaiti,Kuwaitis;Kuwait City
KGZ;Kyrgyzstan;Kyrgyz;Bishkek
LAO;Laos;Laotian,Laotians,Lao;Vientiane
LVA;Latvia;Latvian,Latvians;Riga
LBN;Lebanon;Lebanese;Beirut
LSO;Lesotho;Basotho;Maseru
LBR;Liberia;Liberian,Liberians;Monrovia
LBY;Libya;Libyan,Libyans;Tripoli
LTU;Lithuania;Lithuanian,Lithuanians;Vilnius
LUX;Luxembourg;Luxembourger,Luxembourgers;
MDG;Madagascar;Malagasy,Madagascan;Antananarivo
MWI;Malawi;Malawian,Malawians;Lilongwe
MYS;Malaysia;Malaysian,Malaysians;Kuala Lumpur
MDV;Maldives;Maldivian,Maldivians;
MLI;Mali;Malian,Malians;Bamako
MLT;Malta;Maltese;Valletta
MRT;Mauritania;Mauritanian,Mauritanians;Nouakchott
MUS;Mauritius;Mauritian,Mauritians;Port Louis
MEX;Mexico;Mexican,Mexicans;Mexico City
MDA;Moldova;Moldovan,Moldovans;Chisinau
MNG;Mongolia;Mongolian,Mongolians;Ulan Bator,Ulaanbaatar
MNE;Montenegro;Montenegrin,Montenegrins;Podgorica
MAR;Morocco;Moroccan,Moroccans;Rabat
MOZ;Mozambique;Mozambican,Mozambicans;Maputo
MMR;Myanmar,Burma;Burmese;Naypyidaw,Naypyitaw,Yangon,Rangoon
NAM;Namibia;Namibian,Namibians;Windhoek
NPL;Nepal;Nepalese,Nepali,Nepalis;Kathmandu
NLD;Netherlands,Holland;Dutch;Amsterdam,The Hague
NZL;New Zealand;New Zealander,New Zealanders;Wellington
NIC;Nicaragua;Nicaraguan,Nicaraguans;Managua
NER;Niger;Nigerien,Nigeriens;Niamey
NGA;Nigeria;Nigerian,Nigerians;Abuja,Lagos
PRK;North Korea,N Korea,N. Korea,N.Korea,NKorea,DPRK;North Korean,North Koreans,N Korean,N. Korean,N.Korean;Pyongyang
MKD;Macedonia,North Macedonia;Macedonian,Macedonians;Skopje
NOR;Norway;Norwegian,Norwegians;Oslo
OMN;Oman;Omani,Omanis;Muscat
PAK;Pakistan;Pakistani,Pakistanis;Islamabad
PSE;Palestine;Palestinian,Palestinians;Ramallah
PAN;Panama;Panamanian,Panamanians;Panama City
PNG;Papua New Guinea,PNG;Papua New Guinean;Port Moresby
PRY;Paraguay;Paraguayan,Paraguayans;Asuncion
PER;Peru;Peruvian,Peruvians;Lima
PHL;Philippines;Philippine,Filipino,Filipinos;Manila
POL;Poland;Polish,Poles;Warsaw
PRT;Portugal;Portuguese;Lisbon
QAT;Qatar;Qatari,Qataris;Doha
ROU;Romania;Romanian,Romanians;Bucharest
RUS;Russia,Russian Federation,USSR,Soviet Union;Russian,Russians,Soviet,Soviets;Moscow,Kremlin
RWA;Rwanda;Rwandan,Rwandans;Kigali
WSM;Samoa;Samoan,Samoans;Apia
SAU;Saudi Arabia;Saudi,Saudis;Riyadh
SEN;Senegal;Senegalese;Dakar
SRB;Serbia,Yugoslavia;Serbian,Serbians,Serb,Serbs,Yugoslav,Yugoslavs;Belgrade
SYC;Seychelles;Seychellois;
SLE;Sierra Leone;Sierra Leonean,Sierra Leoneans;Freetown
SGP;Singapore;Singaporean,Singaporeans;
SVK;Slovakia;Slovak,Slovaks;Bratislava
SVN;Slovenia;Slovenian,Slovenians,Slovene,Slovenes;Ljubljana
SLB;Solomon Islands;Solomon Islander,Solomon Islanders;Honiara
SOM;Somalia;Somali,Somalis;Mogadishu
ZAF;South Africa,S Africa,S. Africa,S.Africa;South African,South Africans;Pretoria,Johannesburg
KOR;South Korea,S Korea,S. Korea,S.Korea,SKorea,ROK;South Korean,South Koreans,S Korean,S. Korean,S.Korean;Seoul
SSD;South Sudan;South Sudanese;Juba
ESP;Spain;Spanish,Spaniard,Spaniards;Madrid
LKA;Sri Lanka;Sri Lankan,Sri Lankans;Colombo
SDN;Sudan;Sudanese;Khartoum
SUR;Suriname;Surinamese;Paramaribo
SWE;Sweden;Swedish,Swedes;Stockholm
CHE;Switzerland;Swiss;Bern,Geneva
SYR;Syria;Syrian,Syrians;Damascus
STP;Sao Tome,Sao Tome and Principe;Sao Tomean,Santomean;
TWN;Taiwan;Taiwanese;Taipei
TJK;Tajikistan;Tajik,Tajiks;Dushanbe
TZA;Tanzania;Tanzanian,Tanzanians;Dar es Salaam,Dodoma
THA;Thailand;Thai,Thais;Bangkok
TGO;Togo;Togolese;Lome
TON;Tonga;Tongan,Tongans;Nuku'alofa
TTO;Trinidad and Tobago,Trinidad;Trinidadian,Trinidadians;Port of Spain
TUN;Tunisia;Tunisian,Tunisians;Tunis
TUR;Turkey,Turkiye;Turkish,Turks,Turk;Ankara,Istanbul
TKM;Turkmenistan;Turkmen;Ashgabat
UGA;Uganda;Ugandan,Ugandans;Kampala
UKR;Ukraine;Ukrainian,Ukrainians;Kyiv,Kiev
ARE;United Arab Emirates,UAE,U.A.E.,Emirates;Emirati,Emiratis;Abu Dhabi,Dubai
GBR;United Kingdom,UK,U.K.,Britain,Great Britain;British,Briton,Britons,Brits;London
USA;United States,United States of America,US,U.S.,USA,U.S.A.,America;American,Americans;Washington,White House
URY;Uruguay;Uruguayan,Uruguayans;Montevideo
UZB;Uzbekistan;Uzbek,Uzbeks;Tashkent
VUT;Vanuatu;ni-Vanuatu;Port Vila
VEN;Venezuela;Venezuelan,Venezuelans;Caracas
VNM;Vietnam,Viet Nam;Vietnamese;Hanoi
YEM;Yemen;Yemeni,Yemenis;Sanaa,Sana'a,Aden
ZMB;Zambia;Zambian,Zambians;Lusaka
ZWE;Zimbabwe;Zimbabwean,Zimbabweans;Harare
"""
