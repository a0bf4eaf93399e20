/** What `ls` of many languages prints for a month: glibc's and CLDR's short and long names, lower-case, without */
const names: readonly string[] = [
  'jan january januar januari janvier janv jän jänner ene enero gen gennaio janeiro sty stycz styczeń led leden siječ oca ocak янв января январь січ яну ιαν sau tammi jaan',
  'feb february februar februari fév févr février fevrier febrero febbraio fev fevereiro lut luty úno únor velj şub şubat фев февр февраля февраль лют φεβ vas helmi veebr febr februára fevr',
  'mar march mär märz mrz mars marzo março maart mrt marca mart marzec bře březen ožu ožuj мар март марта бер μαρ kov maalis märts márc marec',
  'apr april avr avril abr abril aprile kwi kwiecień dub duben tra trav nis nisan апр апреля апрель кві απρ bal huhti ápr',
  'may mai mayo mag maggio maio mei maj kvě květen svi мая май μαϊ μάι geg touko máj mayıs',
  'jun june juni juin junio giu giugno junho cze czerwiec čer červen čvn haz июн июнь июня чер ιουν bir kesä jún juuni lipanj',
  'jul july juli juil juillet jui julio lug luglio julho lip lipiec čec červenec čvc tem temmuz июл июль июля лип ιουλ lie heinä júl juuli',
  'aug august aoû août aout ago agosto augustus sie sierpień srp srpen kol ağu авг августа август сер αυγ rgp elo augusti',
  'sep sept september septembre septiembre set settembre setembro wrz wrzesień zář září ruj eyl eylül сен сент сентября сентябрь вер σεπ syys szept szep',
  'oct october okt oktober octobre octubre ott ottobre out outubro paź październik říj říjen eki ekim окт октября октябрь жов οκτ spa loka',
  'nov november novembre noviembre novembro lis listopad stu kas kasım ноя нояб ноября ноябрь лис νοε lap marras',
  'dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro gru grudzień pro prosinec pros ara aralık дек декабря декабрь гру δεκ joulu gruo',
];

const months: ReadonlyMap<string, number> = new Map(
  names.flatMap((line, month) => line.split(' ').map((name): [string, number] => [name.normalize('NFC'), month])),
);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The month (0 to 11) that a token of a listing, given as Latin-1 text, names in one of many languages, in UTF-8 or */
export function monthNamed(token: string): number | undefined {
  const plain = token.toLowerCase().replace(/[.,]+$/, '');
  const found = months.get(plain);
  if (found !== undefined || !/[\x80-\xff]/.test(token)) return found;
  try {
    const text = utf8.decode(Buffer.from(token, 'latin1')).toLowerCase().normalize('NFC');
    return months.get(text.replace(/[.,]+$/, ''));
  } catch {
    return undefined;
  }
}
