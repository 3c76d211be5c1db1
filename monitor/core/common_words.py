"""English words that headlines write in lower case, in the short form of `stem`: counted over 700,000 public headlines.

In a title that capitalises every word, a word that is not among these is taken for a name.
"""

from __future__ import annotations

_WORDS = """
abandon abduct abduction ability abl aboard abortion abov abroad absenc absent absolutely absurd abus abusiv academic
accelerat accept access accident accidental accidentally accord account accus accusation accuser achiev acid
acknowledg acquir acquisition acquit act action activ activist activity actor actress actually adapt add addict
addiction additional address admin administration admission admit adopt adoption ads adult advanc advantag advertis
advic advis adviser advisory advocat aerial affair affect afford affordabl afraid after aftermath age aged agency
agenda agent aggression aggressiv aging ago agre agreed agreement agricultur ahead aid ail aim air aircraft airlin
airliner airport airspac airstrik alarm album alcohol alert alien aliv alleg allegation allegedly allergy allianc
allow ally alon already alter alternativ aluminum alway amaz ambassador ambition ambitious ambulanc ambush ammunition
amount analyst anchor ancient anger angry angst animal ankl anniversary announc announcement annual another answer
anthem anti antibiotic antisemitism antitrust anxiety anyon anyth apart apartheid apartment apologis apologiz apology
app apparent apparently appeal appear appearanc appetit application apply appoint appointment approach approv approval
arbitration area aren argu argument arm army arraignment arrest arriv arrival arson art arthritis articl artificial
artillery artist ash asid ask assassinat assassination assault assembly assess asset assist assistanc assistant
associat assur asteroid asthma astronaut asylum athlet atom atomic atop attack attacker attempt attend attention
attorney attract attractiv auction audienc audio audit auditor austerity author authority autism auto automaker autumn
availabl avalanch averag aversion avert aviation avoid await awar award away awkward axe axed baby back backer
backlash backlog backup bacteria bad badly bag bail bailout balanc ball ballistic balloon ballot ban band bank banker
bankrupt bankruptcy bar barely barg bargain barrag barrel barrier bas baseball basic basis basketball bat batter
battery battl beach bear beat beaten beautiful beauty becam becom bed beef beer befor began begin begun behavior
behaviour behead behind believ belov below belt bench benefit besieg best bet better beyond bia bid bidder big bigger
biggest bik bill billion billionair bin bind bing biodiesel biofuel biotech bipartisan bird birth birthday bishop bit
bitter biz bizarr blacklist blackout blam blasphemy blast blaz bleak blind blitz bln bloc block blockad blockbuster
blog blogger blood bloodsh bloody blow blown blowout blunder blunt board boat body bold bolster bomb bomber bombshell
bon bonanza bond bondholder bonus book boom boon boost booster border born borrow boss botch bottl bottom bought bounc
bound bounty bours bout bow bowel bowl box boy boycott boyfriend brac brain brak branch brand brawl breach bread break
breakaway breakthrough breakup breast breath brib bribery brid bridg brief briefly bright brilliant bring brink broad
broadband broadcast broadcaster broader broadly brok broken broker brokerag bronz brother brought brush brutal
brutality bubbl budget buffer bug build builder buildup built bullet bullish bully bump bumpy bunker buoy burden buri
burial burn burnt burst bury bus bushfir business businessman bust busy buy buyback buyer buyout buzz cabinet cabl caf
cak call calm cam camera cameraman camp campaign campaigner campus cancel cancell cancer candidat cannabis cannot cap
capabl capacity capital capsiz capsul captain captiv captur car carbon card cardiac cardinal career cargo carmaker
carpet carri carrier carry cartel cartoon cas cash casino cast casualty cat catastroph catastrophic catch cattl caught
caus caution cautious cautiously cav ceas ceasefir ceil celebrat celebration celebrity cell cement cemetery censorship
census cent center centr central century ceremony certain chain chair chairman challeng champion chanc chancellor
chang channel chao chaotic character charg charity charm chart charter chas chat chatbot cheap cheaper cheat check
checkpoint cheer chees chef chemical chest chicken chid chief child childcar childhood children chill chip chocolat
choic cholera cholesterol choos chopper choppy chosen chronic church cigarett cinema circl circus cit citizen
citizenship city civil civilian claim clampdown clarity clash class classifi clean cleaner cleanup clear cleric client
cliff climat climb clinch clinic clinical clip clock clos closely closer closur clot cloth cloud clout clu club
cluster coach coal coalition coastal cocain cocoa cod coffe coffin cold coli collaps collateral colleagu collection
colleg collid collision colon com coma combat combin comeback comedian comedy comfort comfortabl comic command
commander comment commerc commercial commissioner commit commitment committe commod commodity common communication
community company compar compensation compet competition competitiv complain complaint complet completely complex
complianc compound compromis comput computer conced concern concert concession concret concussion condemn condemnation
condition condom conduct conferenc confession confidenc confident confirm confirmation conflict confront confrontation
confusion congressional congressman connection consecutiv consensus consent consequenc conservation conservativ
consider consolidation conspiracy constitution constitutional construction constructiv consulat consumer consumption
contact contagion contain contaminat contamination contempt contender content contention contest continu contract
contractor control controll controversial controversy convention convict conviction convinc convoy cook cool cooperat
cooperation coordinat cop copper copy copyright cor corn corner coronation coroner corporat corps corrupt corruption
cost costly cotton cough couldn council counsel count counter counteroffensiv country coup coupl cours court cousin
cover coverag cow crack crackdown craft crash crazy cream creat creation creativ creator credibility credibl credit
creditor crew cricket crim criminal crippl cris crisis critic critical criticis criticism criticiz crop cross crowd
crown crucial crud cruel cruis crumbl crunch crush cry crypto cull cult cultur cultural cur curb curfew currency
current curs custody customer cut cyber cycl cyclon czar dad daily dairy dam damag dampen danc danger dangerous dark
dash dat data databas daughter day dead deadliest deadlin deadlock deadly deal dealer dealt death debacl debat debit
debris debt debut decad decid decider decision decisiv declar declaration declin decre decry deem deep deepen deeper
deeply deepwater defamation default defeat defect defector defenc defend defendant defender defens defensiv defianc
defiant deficit deflation deforestation defus defy degre delay delegation deliver delivery demand dementia demis
democracy demolition demonstration demonstrator dengu deni denial denounc dent deny depart departur depend deploy
deployment deport deportation deposit depression depth deputy derail derivativ describ desert deserv design designer
despair desperat despit destroy destruction detail detain detaine detect detention deter determin devastat devastation
develop developer development devic diabet diabetic diagnos diagnosis dialogu diamond dictator didn died diesel diet
differ differenc different difficult dig digit digital dilemma dim dinner dinosaur dip diplomacy diplomat diplomatic
dir direct direction directly director dirty disabl disappear disappearanc disappoint disarmament disaster disciplin
disclos disclosur discount discover discovery discrimination discuss diseas dismal dismiss dismissal disorder dispers
displac display disput disrupt disruption dissent dissident distanc distant distress distribution district disturb
ditch div diversity divid dividend division divisiv divorc doc dock doctor document documentary dodg doesn dog doing
dollar domestic dominanc dominant dominat don donat donation donor doom door dop dos doubl doubt down downgrad
downplay downturn dozen draft drag drain drama dramatic draw drawdown drawn dream dress drill drink driv driven driver
dron drop drought drown drug drummer drunk drunken dry dual duck due duel dump duo durabl dust duty dying each eager
earlier early earn earth earthquak eas easier easily eastern easy eat ebay eclips eco econ economic economist economy
edg editor education effect effectiv effectively efficiency effort egg eight eighth elbow elderly elect election
electoral electric electricity electronic element elephant eligibl eliminat elit els elsewher elusiv email embargo
embarrass embassy embattl embrac emerg emergency emission emotional empir employe employer employment empty encounter
encourag end endanger endors enemy energy enforc enforcement engag engagement engin engineer enjoy enough enrichment
ensur enter entertainment entir entry environment environmental envoy epic epidemic episod equal equalis equaliser
equipment equity era error ers erupt eruption escalat escalation escap espionag essential estat estimat ethanol ethic
ethnic euro eurozon evacuat evacuation evasion eve even event ever every everyon everyth everywher eviction evidenc
evil evolution exam examin exampl exceed excessiv exchang excit exclusiv exec execut execution executiv exemption
exercis exhibit exhibition exil exist exit exodus expand expansion expect expectation expel expell expens expensiv
experienc experiment expert explain explanation explod explor exploration explosion explosiv export exporter expos
exposur express expulsion extend extension extinction extortion extra extradit extradition extraordinary extrem
extremely extremism extremist eye eyed fac facility fact faction factor factory fad fail failur fair faith fak fall
fallen fallout fals falter familiar family famin famous fan fantasy far farewell farm farmer farmland fashion fast
faster fastest fat fatal fatally father fatigu fault favor favorit favour favourit fear featur federal fee feed feel
feet fell fellow felt femal fenc fentanyl ferry fertility fest festival fetch feud fever few fewer fiction field fierc
fiery fifth fifty fight fightback fighter figur fil fill film filmmaker fin final finaliz finally financ financial
find finger finish finmin fir firefighter firework firm firmer first fiscal fish fishermen fit fitness fiv fix flag
flagship flam flap flar flash flat flaw fle fled fleet flesh flexibility flexibl flight float flock flood floor flop
flotilla flow flown flu fly focus foe foil follow food foot footag football forc forecast foreclosur foreign foreigner
forest forever forex forg forget forgotten form formal formally former formula fortun forum forward fossil fought foul
found founder four fourth frack fragil fram framework franchis fraud fre freed freedom freez frenzy fresh fret friend
friendly friendship front frontier frontlin frozen fruit frustrat frustration fuel fuell fugitiv full fully fum fun
fund fundrais funeral funny furious furor further futur gaff gag gain gallery gam gambl gang gap garbag garden gas
gasolin gather gaug gav gay gear gen gender general generation generic genetic genius genocid gestur get ghost giant
gift gig girl girlfriend giv given glacier glanc glass glimps glitch global globally gloom gloomy glory glut goal
goalless goe going gold golf gon good goodby got gov governanc government governor govt grab grad gradual graffiti
graft grain grandmother grant graphic grappl grass grav great greater greatest green greener greenhous greet grenad
grew grid grief grim grip grocery ground group grow grown growth guarante guard guerrilla guess guest guid guidanc
guidelin guilty guitarist gun gunfir gunman gunmen guru gut guy habit hack hacker hail hair half halt halv hammer
hamper hand handl handover hang happen happy harassment hard harder hardest hardliner hardwar harm harmful harsh
harvest hasn hat haul haunt hav haven havoc hazard head headach headlin headquarter headset heal health healthcar
healthier healthy hear heard heart heartbreak heartland heat heatwav heavily heavy heavyweight hedg heir heist held
helicopter hell help helpful hepatitis heritag hero heroin herself hid hidden high higher highest highlight highly
highway hijack hik hiker him himself hinder hing hint hip hir historic history hit hitmen hoax hockey hol hold holder
holiday holy hom homeland homeless homeowner hometown homicid honor honour hop hopeful hormon horrific horror hors
hospital hospitaliz host hostag hostil hot hotel hottest hour hous household hub hug human humanitarian humanity hundr
hunger hungry hunt hunter hurdl hurrican hurt husband hybrid hyp ice icon iconic icy idea identifi identify identity
ignit ignor ill illegal illegally illness imag immediat immediately immigrant immigration imminent immun immunity
impact impass impeachment implant implement import important impos impossibl impress improv improvement inauguration
incentiv inch incident includ incom increas increasingly incredibl incursion indefinitely independenc independent
index indi indict indictment industrial industry inevitabl infant infect infection inflation inflow influenc
influencer info information infrastructur initial initiativ injection injur injury ink inmat inner innocent innovation
inquest inquiry insid insider insist inspection inspector inspir inspiration instability install instead institution
insult insuranc insurer insurgency insurgent intact integration intelligenc intens intensify intercept interest
interferenc interim interior internal international interrogation interven intervention interview introduc invasion
inventory invest investigat investigation investigator investment investor invit invitation involv involvement ipad
iphon ire iron island isn isolat isolation issu item itself itun jab jackpot jail jet jitter job jobless join joint
jok jolt journalist journey joy judg judgment judicial juic jump jungl junior junk junta jury justic keen keep keeper
kept key kick kid kidnap kidnapper kidney kill killer kind kingpin kiss kitchen kne knew knif knock knockout know
knowledg known lab label labor lack lag laid lament land lander landfall landmark landscap landslid languag lap laptop
larg largely larger largest lash last lat later latest laud laugh launch launder laureat lavish law lawmaker lawsuit
lawyer lay layoff lead leader leadership leak lean leap learn leas leav led left leftist leg legacy legal legally
legend legislation lend lender lesbian less lesson let lethal letter level leverag liability liabl libel library
licenc licens lie lied lif lifelin lifestyl lifetim lift light lightn lik likely limbo limit lin lineup linger link
lion liquidity list listen littl liv liver loan lobby local location lock lockdown logo long longer longest look loom
loos loot los loser loss lost lot lottery lov lover low lower lowest loyalty luck lucky lunar lunch lung lur luxury
lying machin mad mafia magazin magic magnitud maiden main mainstream maintain major majority mak makeover maker mal
malaria mall manag management manager mandat mandatory manhunt manipulation mansion manslaughter manufactur
manufacturer many map marathon march margin marijuana maritim mark market marri marriag marry martial mask mass
massacr massiv master mastermind mat match material matter mayb mayhem mayor meal mean meant measl measur meat medal
meddl mediation mediator medic medicin medieval meet mega melamin melt meltdown member membership memo memoir memorial
memory men mend menopaus mental menu mercenary merg merger mess messag metal meteor meter meth method metro mic mid
midfielder midnight migrant migration mil mild mileston militancy militant military militia milk mill million min mind
miner mineral mini minimum minister ministry minor minority minut miracl misconduct misery mislead miss missil mission
mistak mix mln mob mobil mock mod model moderat modern modest mogul mom moment momentum monarchy monetary money
monitor monk monkey monopoly monster month monthly mood moon moral moratorium mortality mortar mortgag mosqu mostly
mother motion motivat mount mountain mourn mourner mouth mov movement movi movy mph much mud mull multi multipl mum
muni murder murderer muscl museum mushroom music musical musician mut mutiny mutual mysterious mystery myth nab nak
nam narrow narrower narrowly nasty natga nation national nationalization nationwid natur natural naval near nearby
necessary neck need negativ negotiat negotiation negotiator neighbor neighbour neo nerv nervous net network neutral
never new newborn newly newspaper next nic night nightclub nightmar nin ninth nod nois nominat nomination nomine non
normal northeast northern northwest nos not noth notic notorious novel nuclear nud nuk number nurs obes obesity object
observer obstacl occupation occupi ocean odd off offenc offender offensiv offer offic officer officially offset
offshor often oil oilfield okay old older oldest oliv onc one ongo onlin open opener opera operat operation operator
opinion opium opponent opportunity oppos opposition ops opt optimism optimistic option orbit ordeal order ore organ
organic organizer origin original other oust ouster outag outbreak outcom outcry outlin outlook output outrag
outrageous outsid overall overcom overdos overhaul overnight overse oversea overshadow oversight overtak overtim
overturn own owner ownership pac pack packag pact pag paid pain painful paint pair pandemic panel panic paper par
parad paradis paramilitary pardon parent park parliament parliamentary parol part partial partially partly partner
partnership party pass passag passenger passion passport past pastor patch patent path patienc patient patrol paus pay
payment payout payroll pct peac peaceful peacekeep peacekeeper peak peanut peer penalty pend pension peopl percent
perfect perform performanc peril period perjury perk permanent permit persist person personal personnel pet petition
petrol phas phon photo photographer physic physical pic pick pickup pictur piec pig pil pilgrim pilgrimag pill pilot
pin pinch pink pioneer pip pipelin piracy pirat pit pitch pitcher pivotal plac plagu plan planet plant plastic
platform play player playoff plea plead pleas pledg plenty plight plot plug plummet plung plus pneumonia podcast poet
point pois poison polar polic policeman policemen policy policymaker polio politic political politically politician
poll polluter pollution ponder pool poor poorer poorest pop popular popularity population pork porn pornography port
portfolio portrait pos position positiv possession possibility possibl possibly post postpon pot potential potentially
poultry pound pour poverty powder power powerful practic prais pray prayer pre predict prediction prefer pregnancy
pregnant preliminary prematur premier premium prepar prescription presenc present presenter preserv presidency
president presidential press pressur pretty prevent prevention preview previous previously pric priest prim primary
print prior priority prison prisoner privacy privat priz pro prob probably probation problem proceed process prod
produc producer product production professor profil profit program programm progress project prominent promis promot
promotion prompt pron proof prop propaganda property propos proposal prosecut prosecution prosecutor prospect prostat
prostitution protect protection protectionism protein protest protester protestor proud prov provid provinc provision
proxy pub public publicly publish publisher pull pullout pump punch punish punishment pupil purchas pursu pursuit push
put puzzl quak qualifier qualify quality quarter quarterback quarterly quell quest question queu quick quickly quiet
quietly quit quiz quot quota rac racial racism racist radar radiation radical radio radioactiv rag raid rail railway
rain rainforest rais rally ramp rampag rampant ran rang rank ransom rant rap rapid rapidly rapist rapper rar rat
rather ratify rattl ravag raw ray reach react reaction reactor read reader ready reaffirm real reality really reason
reassur rebel rebellion rebound rebuff rebuild rebuk recall receiv receiver recent recently reception recession
reckless reclaim recognis recognition recogniz recommend reconciliation reconstruction record recount recover recovery
recruit recycl redemption reduc reduction reel refere referendum refin refinanc refiner refinery reflect reform refug
refuge refund refus regain regim region regional register regret regular regulat regulation regulator regulatory rehab
reign rein reinstat reject rejection relat relation relationship relativ relax relay releas relegation relief reliev
religion religious reluctant rely remain remak remark remarkabl rematch remember remot remov removal renew renewabl
renewal rent rental reopen repair repay repayment repeal repeat replac replacement reply report reporter repression
repriev reputation request requir rescu rescuer research researcher reserv reset reshuffl resident residential resign
resignation resilient resist resistanc resistant resolution resolv resort resourc respect respiratory respit respond
respons responsibility responsibl rest restart restaurant restiv restor restraint restrict restriction restructur
result resum retail retailer retain retak retaliation rethink retir retirement retreat retrial return reunion reunit
rev revamp reveal revelation reveng revenu revers reversal review revis reviv revival revolt revolution reward
rhetoric rhino rich richest rid ridiculous rift rig right ring riot rioter rip ris risk risky ritual rival rivalry
river road roadsid roar robber robbery robot robust rock rocker rocket rogu rol roll romanc roof rooki room root rough
round rout routin rover row royal royalty rubber rubbish rubbl ruin rul ruler rumor rumour run runaway runner runoff
runway rural rush ruthless sabotag sack sacr sad saf safely safer safety saga sail sailor sal salary salmonella salt
sam sampl sanction sand satellit sav saw scal scam scan scandal scanner scar scary scen scenario schedul schem scholar
school scienc scientist scop scor scrambl scrap screen script scrutiny sea seal search season seat second secrecy
secret secretary secretly sect sectarian section sector secur security see seed seek seeker seem seen seiz seizur
select selection self sell seller semi semis senator send senior sens sensitiv sent sentenc sentiment separat
separatist sequel serial serious seriously serv servant servic sery session set setback settl settlement settler seven
seventh sever severely sewag sex sexual sexually shadow shak shaken shakeup shaky shal sham shap shar shareholder
shark sharp sharply shed sheep sheet shell shelter shelv sheriff shield shift shin ship shipment shipwreck shirt sho
shock shoot shooter shootout shop shopper short shortag shortfall shortlist shortly shot shoulder shouldn show
showdown shower shown shrin shrink shrug shun shut shutdown shuttl shy sick sid sidelin sieg sight sign signal
significant silenc silent silver similar simpl sing singer singl sink sister sit situation six sixth siz skeptical
skepticism ski skid skill skin skip sky skyscraper slain slam slap slash slaughter slav slavery slay sleep slick slid
slight slightly slip slow slowdown slower slowly slum slump slur small smaller smart smartphon smash smell smil smok
smoker smooth smuggl smuggler snag snak snap snatch snow snub soap soar soccer social society soda soft softer softwar
soil solar sold soldier solid solidarity solo solution solv someon someth son song soon sooth sorry sought soul sound
sour southeast southern sovereign sovereignty soy spac spacecraft spar spark spat speak special specific spectacular
spectrum speculation specy speech speed spell spend spent sperm spik spill spin spiral spirit split spoil spok sport
spot spotlight spr spray spre spread sprint spur spy squad squeez stab stability stabiliz stabl stadium staff stag
stak stalemat stall stamp stamped stanc stand standard standoff standstill star start startup starvation stat
statehood statement station statu status stay steady steal steam steel steep stem step steroid stick stimulus sting
stir stock stok stol stolen stomach ston stood stop stor storag storm story straight strain strand strang strap
strategic strategy streak stream street strength strengthen stress stretch stricken strict strif strik striker strip
strok strong stronger strongest stronghold strongly struck structur struggl stuck student studio study stumbl stun
stunner stunt stupid styl sub subdu subject submarin submit subpoena subprim subscriber subsidy suburb subway succeed
success successful successfully succession successor sudden suddenly sue sued suffer sugar suggest suicid suing suit
suitor summer summit summon superb supermarket supplier supply support supporter sur surfac surg surgeon surgery
surplus surpris surrender surround surveillanc survey surviv survival survivor suspect suspend suspension suspicion
suspicious sustainabl swap sway sweep sweet swept swim swin swing swip switch swoop sword sworn symbol symptom
synagogu syndrom system systemic tabl tablet tabloid tackl tactic tactical tag taint tak takeaway taken takeover tal
talent talk tallest tam tank tanker tap target tariff task tast tax taxi taxpayer tea teach teacher team tear tearga
tech technical technology teen teenag teenager teeth telecom telescop television tell temperatur templ temporarily
temporary ten tender tennis tens tension tent tentativ tepid term terminal terribl terrify territory terror terrorism
terrorist test testify testimony text thank thaw theater theatr theft them themselv theory therapy thiev thin thing
think third though thought thousand thrash thre threat threaten threw thrill thriller thriv throat throw thrown thwart
tick ticket tid tie tied tight tighten tighter till tim timelin timetabl tiny tip titl tobacco toddler together toilet
toll tomb tomorrow ton tonn too took tool top toppl torch torn tornado tortur toss total totally touch tough tougher
toughest tour tourism tourist tournament tout toward tower town toxic toy track tracker trad trademark trader
tradition traditional traffic traffick tragedy tragic trail trailer train trainer tran transfer transform transgender
transit transition transparency transplant transport trap trash trauma travel traveler traveller tre treason treasur
treat treatment treaty trend tri trial trib tribal tribunal tribut trick tricky trigger trillion trim trio trip tripl
triumph troop trophy tropical troubl tru truc truck trump trust truste truth try tsunami tumbl tumor tun tuna tunnel
turbin turbulenc turbulent turf turmoil turn turnaround turnout tussl tweet twic twin twist two tycoon typ typhoon
ugly ultimat ultimatum ultra unabl unacceptabl unawar unbeaten uncertain uncertainty unchang unclear uncover undecid
undergo underground undermin understand underwater underway unearth uneasy unemployment unexpect unexpectedly unfair
unfaz unfold unhappy union uniqu unit unity univers university unknown unless unlikely unlock unprecedent unrest unsaf
unsur unusual unveil upbeat upcom updat upgrad uphill uphold upon upper upris uproar ups upset upsid uranium urban urg
urgent use used user using usual utility vacation vaccin vaccination vacuum valu valuation vanish variant vast vehicl
veil ventur venu verdict verg version versus vessel vet veteran veto vic victim victory video vie view viewer vigil
villag villager violat violation violenc violent viral virtual virus visa visibl vision visit visitor vital vitamin
voic volatil volatility volcanic volcano volum voluntary volunteer vot voter vow vulnerabl wag wait wak walk want war
ward warlord warm warmer warn warplan warrant warship wartim wary wasn wast watch watchdog water wav way weak weaken
weaker weakness wealth wealthy weapon wear weary weather websit wed week weekend weekly weigh weight weird welcom
welfar well went wet whal wheat wheel whether whistleblower whol whos wicket wid widely widen wider widespread widow
wif wild wildfir wildlif will win wind windfall window wing winner winter wip wir wireless wish withdraw withdrawal
withdrawn without witness wiv woe woman women won wonder woo word work worker workforc workplac world worldwid worri
worry wors worsen worst worth wouldn wound wrap wreck wreckag wrist writ writer written wrong wrongly wrot yacht year
yellow yen yield young younger youngest youth yrs yuan zero zon zoo
"""
COMMON_WORDS = frozenset(_WORDS.split())
