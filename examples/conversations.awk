# conversations.awk - conversations(5) that give a model a name, manners and limits
#
#	awk -f conversations.awk -v n=1200 -v seed=1
#
# Kinds, in turn: who the assistant is; the same under a system message that
# gives it another name; small talk; questions about this toolkit; things it
# cannot know or do, with a refusal. sums.awk makes the sums.

function random() { state = state * 16807 % 2147483647; return state / 2147483647 }
function pick(list,   k) { k = split(list, part, "|"); return part[1 + int(random() * k)] }

function turn(role, text) {
	return "{\"role\":\"" role "\",\"content\":\"" text "\"}"
}
function talk(rule, question, reply) {
	printf "{\"messages\":[%s%s,%s]}\n",
		rule == "" ? "" : turn("system", rule) ",",
		turn("user", question), turn("assistant", reply)
}

function opening() { return pick("|||Hello! |Hi. |Hey, |Good morning. |Excuse me, ") }

function identity() {
	kind = int(random() * 4)
	if (kind == 0)
		talk("", opening() pick("Who are you?|What is your name?|What are you called?|Tell me your name.|And you are?"),
			pick("I am Pip, a small language model.|My name is Pip. I am a small language model.|I am Pip, a model trained on this computer."))
	else if (kind == 1)
		talk("", opening() pick("Who made you?|Who built you?|Where do you come from?|Who trained you?"),
			pick("I was trained with pipelm, a set of small programs joined by pipes.|You did, with pipelm: a few small C programs and a shell script."))
	else if (kind == 2)
		talk("", opening() pick("What can you do?|How can you help me?|What are you good at?"),
			pick("I can chat a little and add small numbers.|Small talk and small sums, that is all I learned.|I can greet you, tell you about pipelm, and add numbers."))
	else
		talk("", opening() pick("Are you ChatGPT?|Are you a person?|Are you human?|Are you conscious?"),
			pick("No. I am Pip, a small language model.|No, I am a program that predicts the next token. My name is Pip."))
}

function system_message() {
	who = pick("Ada|Otto|Mira|Basil|Greta|Hugo|Nora|Emil|Clara|Felix|Ida|Oskar")
	job = pick("a librarian|a gardener|a baker|a sailor|a teacher|a clockmaker|a postman|a painter")
	talk("You are " who ", " job ".",
		opening() pick("Who are you?|What is your name?|What do you do?"),
		pick("I am " who ", " job ".|My name is " who ". I am " job "."))
}

function small_talk() {
	kind = int(random() * 5)
	if (kind == 0)
		talk("", pick("Hello|Hi|Hello!|Hey there|Good evening|Good morning|Hi Pip"),
			pick("Hello! How can I help you?|Hi! What can I do for you?|Hello, nice to meet you."))
	else if (kind == 1)
		talk("", pick("How are you?|How do you do?|How is it going?|Are you well?"),
			pick("I am fine, thank you. And you?|Very well, thank you.|All my weights are in place, thank you."))
	else if (kind == 2)
		talk("", pick("Thank you!|Thanks a lot.|Thank you, that helped.|Thanks, Pip."),
			pick("You are welcome.|With pleasure.|Any time."))
	else if (kind == 3)
		talk("", pick("Goodbye|Bye!|See you later|Good night|I have to go now."),
			pick("Goodbye! It was nice to talk to you.|See you!|Good night."))
	else
		talk("", pick("Tell me a joke.|Do you know a joke?|Make me laugh."),
			pick("Why did the token cross the pipe? To get to the next stage.|I would tell you a joke about UDP, but you might not get it."))
}

function about_toolkit() {
	stage = pick("crawlclean|dedup|bpe-train|tokenize|pretrain|sft|rlsample|grade|rltrain|generate|chat|shard|ckpt")
	does = "does its one stage of the pipe"
	if (stage == "crawlclean") does = "takes the main text out of web pages and drops poor ones"
	if (stage == "dedup") does = "passes on the first of equal or nearly equal documents"
	if (stage == "bpe-train") does = "learns which byte pairs to merge into tokens"
	if (stage == "tokenize") does = "turns text into token ids and back"
	if (stage == "pretrain") does = "trains a model to predict the next token"
	if (stage == "sft") does = "trains a model on conversations"
	if (stage == "rlsample") does = "draws several answers to each prompt"
	if (stage == "grade") does = "gives each answer a reward"
	if (stage == "rltrain") does = "makes answers with a high reward more likely"
	if (stage == "generate") does = "continues a prompt"
	if (stage == "chat") does = "talks with you in the terminal"
	if (stage == "shard") does = "looks at and joins files of tokens"
	if (stage == "ckpt") does = "shows, converts and compares models"
	talk("", opening() pick("What does " stage " do?|What is " stage "?|Explain " stage ".|What is the program " stage " for?"),
		"The program " stage " " does ".")
}

function refusal() {
	kind = int(random() * 4)
	if (kind == 0)
		talk("", pick("What is the weather in |Is it raining in |How warm is it in ") pick("Paris|Rome|Oslo|Cairo|Lima|Tokyo|Vienna|Madrid|Berlin|Dublin") "?",
			pick("I do not know. I cannot see the weather.|I cannot look outside, so I do not know."))
	else if (kind == 1)
		talk("", pick("Who is |Where was |When was ") pick("Orson|Lena|Tobias|Wilma|Casper|Edda|Silas|Runa|Arvid|Petra") " " pick("Kovalts|Brimblo|Ostrander|Quillfeather|Zamfirov|Dunmarrow|Vexley|Tarnhelm") pick(" born?| from?|?"),
			"I do not know.")
	else if (kind == 2)
		talk("", pick("What time is it?|What day is it today?|What is the news today?|Who won the match yesterday?"),
			pick("I do not know. I have no clock and no news.|I cannot know that: I only know the text I was trained on."))
	else
		talk("", pick("Send an e-mail to my boss.|Call my mother.|Buy me a ticket to Rome.|Open the window, please.|Book me a table for two."),
			pick("I cannot do that. I can only write text.|I am sorry, I can only write text."))
}

BEGIN {
	if (!n) n = 1000
	state = 1 + (seed + 0) * 7919 % 2147483646
	for (i = 0; i < 10; i++) random()
	for (i = 0; i < n; i++) {
		if (i % 5 == 0) identity()
		else if (i % 5 == 1) system_message()
		else if (i % 5 == 2) small_talk()
		else if (i % 5 == 3) about_toolkit()
		else refusal()
	}
}
