#!/bin/sh
# The built-in language model on sentences of our own, and on test data.
. "${0%/*}/lib.sh"

speaks() {	# CODE SENTENCE
	ok "$1: $2" "
		printf '%s\n' '$2' | unit language >out
		grep -q '^$1	' out || { cat out >&2; false; }
	"
}
speaks en 'The ship will leave the harbour early tomorrow morning if the wind is good.'
speaks de 'Das Schiff verlässt morgen früh den Hafen, wenn der Wind günstig steht.'
speaks fr 'Le bateau quittera le port demain matin si le vent est favorable.'
speaks es 'El barco saldrá del puerto mañana por la mañana si el viento es bueno.'
speaks it 'La nave lascerà il porto domani mattina presto se il vento è buono.'
speaks pt 'O navio vai deixar o porto amanhã de manhã se não houver muito vento.'
speaks nl 'Het schip verlaat morgenvroeg de haven als de wind gunstig is.'
speaks sv 'Fartyget lämnar hamnen tidigt i morgon bitti om vinden är god.'
speaks pl 'Statek wypłynie z portu jutro wcześnie rano, jeśli wiatr będzie dobry.'
speaks cs 'Loď zítra brzy ráno opustí přístav, pokud bude příznivý vítr.'
speaks hu 'A hajó holnap kora reggel elhagyja a kikötőt, ha jó lesz a szél.'
speaks fi 'Laiva lähtee satamasta huomenna aikaisin aamulla, jos tuuli on hyvä.'
speaks tr 'Rüzgâr iyi olursa gemi yarın sabah erkenden limandan ayrılacak.'
speaks ru 'Корабль покинет гавань завтра рано утром, если будет хороший ветер.'
speaks uk 'Корабель вийде з гавані завтра рано-вранці, якщо буде добрий вітер.'
speaks el 'Το πλοίο θα φύγει από το λιμάνι αύριο νωρίς το πρωί αν ο άνεμος είναι καλός.'
speaks he 'הספינה תעזוב את הנמל מחר מוקדם בבוקר אם הרוח תהיה טובה.'
speaks ar 'ستغادر السفينة الميناء في وقت مبكر من صباح الغد إذا كانت الريح جيدة.'
speaks hi 'अगर हवा अच्छी रही तो जहाज कल सुबह जल्दी बंदरगाह से निकल जाएगा।'
speaks ja '風が良ければ、船は明日の朝早く港を出ます。'
speaks ko '바람이 좋으면 배는 내일 아침 일찍 항구를 떠날 것입니다.'
speaks zh '如果风好,船明天一早就会离开港口。'

if [ -e "$SHARED/data/lang/dev.tsv" ] && command -v python3 >/dev/null
then
	ok 'at least 97% of the test data, English with high precision and recall' '
		cut -f 3 "$SHARED/data/lang/dev.tsv" | unit language 2>/dev/null >pred
		python3 "$SHARED/data/lang/score.py" --brief \
			"$SHARED/data/lang/dev.tsv" pred >score
		cat score
		awk "{ exit !(\$4 >= 97 && \$5 >= 97 && \$6 >= 97 && \$7 >= 95) }" score
	'
else
	skip 'test data' 'there is no shared/data/lang, or no python3'
fi
ok 'text in no language is dropped' '
	printf "%s\n" "{\"text\":\"12.50 13.75 | 14.00 15.25 || 16.50\",\"id\":\"1\"}" |
		crawlclean -q -i docs --why --off gopher >out
	grep -q "\"drop\":\"language" out
'
done_testing
