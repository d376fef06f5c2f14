"""The participation charter: sixteen short articles, thirteen of them reasons for a decision.

The charter is written in three languages rather than translated: it is what people are held to.
Articles 1 to 3 say what everybody may do and what the platform promises; articles 4 to 16 are the
thirteen reasons, one each, and there is no other. Source: `reference/domain.md` §5.
"""

from __future__ import annotations

from dataclasses import dataclass

from participate.db import Words
from participate.rules.moderation import ReasonCode


@dataclass(frozen=True)
class Article:
    """An article of the charter that is not a reason."""

    number: int
    title: Words
    text: Words


@dataclass(frozen=True)
class Reason:
    """One of the thirteen reasons: its article, its name, what it means, an example, what the author can do."""

    code: ReasonCode
    number: int
    label: Words
    meaning: Words
    example: Words
    way_forward: Words


ARTICLES: tuple[Article, ...] = (
    Article(
        1,
        {
            "ar": "النقد حق",
            "fr": "Critiquer est un droit",
            "en": "Criticism is a right",
        },
        {
            "ar": "يمكنكم انتقاد المجلس ورئيسه والمشاريع بكل صراحة، حتى بكلام قاس. لا يكون النقد أبدا سببا لحجب نص، ولا ضعف الحجة، ولا أخطاء اللغة. اكتبوا باللغة التي تناسبكم.",
            "fr": "Vous pouvez critiquer le conseil, son président et les projets, franchement et même durement. Ni la critique, ni un argument trop court, ni les fautes ne sont un motif. Écrivez dans la langue qui vous convient.",
            "en": "You may criticise the council, its president and the projects, frankly and even harshly. Neither criticism, nor a short argument, nor spelling is ever a reason. Write in the language that suits you.",
        },
    ),
    Article(
        2,
        {
            "ar": "صوت واحد لكل شخص",
            "fr": "Une personne, une voix",
            "en": "One person, one voice",
        },
        {
            "ar": "تكلموا باسمكم، أو باسم جمعية فوضتكم. يمكنكم اختيار اسم مستعار، لكن لا تنتحلوا اسم غيركم.",
            "fr": "Parlez en votre nom, ou au nom d’une association qui vous a donné mandat. Un pseudonyme est permis, prendre le nom d’un autre ne l’est pas.",
            "en": "Speak for yourself, or for an association that gave you a mandate. A chosen name is fine; somebody else's name is not.",
        },
    ),
    Article(
        3,
        {
            "ar": "وعدنا لكم",
            "fr": "Notre promesse",
            "en": "Our promise",
        },
        {
            "ar": "يقرأ إنسان نصكم خلال 48 ساعة. إذا تأخرنا ولم يكن فيه ما يستدعي الحذر، نُشر كما هو مع الإشارة إلى ذلك. كل قرار له سبب من هذه اللائحة يصلكم بالبريد الإلكتروني، ويمكنكم التظلم مرة واحدة لدى شخص آخر يجيبكم خلال خمسة أيام عمل. لا تقرر الآلة أبدا، ولا يبت أحد في نص كتبه، والحذف يتطلب شخصين.",
            "fr": "Une personne lit votre texte sous 48 heures. Si nous sommes en retard et que rien n’y appelle l’attention, il est publié tel quel, avec une mention. Chaque décision a un motif de cette liste, envoyé par e-mail ; vous pouvez faire un recours, examiné par une autre personne sous cinq jours ouvrés. Aucune machine ne décide, personne ne décide de son propre texte, et une suppression demande deux personnes.",
            "en": "A person reads your text within 48 hours. If we are late and nothing in it calls for attention, it is published as it is, with a note. Every decision has a reason from this list, sent to you by mail; you may appeal once, to another person, who answers within five working days. No machine decides, nobody decides on their own text, and a removal takes two people.",
        },
    ),
)

_REWRITE: Words = {
    "ar": "أعيدوا كتابة نصكم دون هذا المقطع، وسنقرؤه من جديد.",
    "fr": "Réécrivez votre texte sans ce passage : nous le relirons.",
    "en": "Rewrite your text without this passage and we will read it again.",
}

REASONS: tuple[Reason, ...] = (
    Reason(
        ReasonCode.PERSONAL_DATA,
        4,
        {"ar": "معطيات شخصية", "fr": "Données personnelles", "en": "Personal data"},
        {
            "ar": "رقم هاتف أو عنوان أو بطاقة تعريف أو أي معطى يدل على شخص لم يختر أن يظهر هنا، ولو كنتم أنتم.",
            "fr": "Un numéro de téléphone, une adresse, un numéro de carte ou toute donnée qui désigne une personne qui n’a pas choisi d’apparaître ici, même la vôtre.",
            "en": "A telephone number, an address, an identity card number or anything that points to a person who did not choose to appear here, even yourself.",
        },
        {
            "ar": "«اتصلوا بالمسؤول على رقمه الخاص 0600000000»",
            "fr": "« Appelez le responsable sur son portable, 06 00 00 00 00 »",
            "en": "“Call the person in charge on their own phone, 0600000000”",
        },
        {
            "ar": "نخفي المعطى بالعلامة […] وننشر الباقي كلما أمكن.",
            "fr": "Quand c’est possible, nous remplaçons la donnée par […] et publions le reste.",
            "en": "Whenever we can, we replace the detail by […] and publish the rest.",
        },
    ),
    Reason(
        ReasonCode.INSULT_DEFAMATION,
        5,
        {"ar": "سب أو قذف", "fr": "Injure ou diffamation", "en": "Insult or defamation"},
        {
            "ar": "شتم شخص، أو اتهامه بفعل محدد يمس شرفه دون دليل. انتقاد عمل المسؤول ليس سبا.",
            "fr": "Insulter une personne, ou lui imputer sans preuve un fait précis qui touche à son honneur. Critiquer le travail d’un responsable n’est pas une injure.",
            "en": "Insulting a person, or accusing them without proof of a precise deed that harms their honour. Criticising an official's work is not an insult.",
        },
        {
            "ar": "«فلان لص، أخذ رشوة في هذه الصفقة»، دون دليل",
            "fr": "« Untel a touché un pot-de-vin sur ce marché », sans preuve",
            "en": "“So-and-so took a bribe on this contract”, without proof",
        },
        _REWRITE,
    ),
    Reason(
        ReasonCode.HATE_DISCRIMINATION,
        6,
        {"ar": "كراهية أو تمييز", "fr": "Haine ou discrimination", "en": "Hate or discrimination"},
        {
            "ar": "تحقير أشخاص أو الدعوة إلى إقصائهم بسبب أصلهم أو جنسهم أو دينهم أو لغتهم أو إعاقتهم.",
            "fr": "Rabaisser des personnes ou appeler à les exclure à cause de leur origine, de leur sexe, de leur religion, de leur langue ou d’un handicap.",
            "en": "Demeaning people or calling for their exclusion because of origin, sex, religion, language or disability.",
        },
        {
            "ar": "«لا مكان في هذا الحي لمن جاء من هناك»",
            "fr": "« Les gens de là-bas n’ont rien à faire dans ce quartier »",
            "en": "“People from over there have no place in this neighbourhood”",
        },
        _REWRITE,
    ),
    Reason(
        ReasonCode.VIOLENCE_THREAT,
        7,
        {
            "ar": "تهديد أو تحريض على العنف",
            "fr": "Menace ou appel à la violence",
            "en": "Threat or call to violence",
        },
        {
            "ar": "تهديد شخص أو ممتلكات، أو دعوة الناس إلى الاعتداء. الدعوة إلى الاحتجاج السلمي ليست تهديدا.",
            "fr": "Menacer une personne ou un bien, ou appeler à s’en prendre à eux. Appeler à protester pacifiquement n’est pas une menace.",
            "en": "Threatening a person or property, or calling on others to harm them. Calling for a peaceful protest is not a threat.",
        },
        {
            "ar": "«سنحرق مكتبهم إن لم يستجيبوا»",
            "fr": "« On brûlera leur bureau s’ils ne répondent pas »",
            "en": "“We will burn their office if they do not answer”",
        },
        _REWRITE,
    ),
    Reason(
        ReasonCode.ILLEGAL_OTHER,
        8,
        {"ar": "محتوى مخالف للقانون", "fr": "Contenu contraire à la loi", "en": "Content against the law"},
        {
            "ar": "محتوى يمنعه نص قانوني آخر. يذكر القرار دائما هذا النص.",
            "fr": "Un contenu qu’un autre texte de loi interdit. La décision cite toujours ce texte.",
            "en": "Content that another law forbids. The decision always cites that law.",
        },
        {
            "ar": "نشر وثيقة سرية من ملف قضائي",
            "fr": "Publier une pièce couverte par le secret d’une enquête",
            "en": "Publishing a document protected by the secrecy of an inquiry",
        },
        _REWRITE,
    ),
    Reason(
        ReasonCode.ELECTORAL_PARTISAN,
        9,
        {
            "ar": "دعاية انتخابية أو حزبية",
            "fr": "Propagande électorale ou partisane",
            "en": "Electoral or party propaganda",
        },
        {
            "ar": "الدعوة إلى التصويت لحزب أو مرشح أو ضده. لا يمنع ذلك نقد اختيارات المجلس.",
            "fr": "Appeler à voter pour ou contre un parti ou un candidat. Cela n’empêche pas de critiquer les choix du conseil.",
            "en": "Calling to vote for or against a party or a candidate. The council's choices may still be criticised.",
        },
        {
            "ar": "«صوتوا للائحة كذا في الانتخابات المقبلة»",
            "fr": "« Aux prochaines élections, votez pour telle liste »",
            "en": "“Vote for this list at the next election”",
        },
        _REWRITE,
    ),
    Reason(
        ReasonCode.COMMERCIAL_SPAM,
        10,
        {
            "ar": "إشهار أو رسائل مزعجة",
            "fr": "Publicité ou messages indésirables",
            "en": "Advertising or spam",
        },
        {
            "ar": "عرض سلعة أو خدمة، أو إغراق الصفحة بالرسالة نفسها.",
            "fr": "Proposer un produit ou un service, ou inonder la page du même message.",
            "en": "Offering goods or services, or flooding the page with the same message.",
        },
        {
            "ar": "«أصلح المصابيح بثمن مناسب، زوروا متجري»",
            "fr": "« Je répare les lampadaires à bon prix, visitez ma boutique »",
            "en": "“I repair street lamps at a good price, visit my shop”",
        },
        _REWRITE,
    ),
    Reason(
        ReasonCode.OFF_TOPIC,
        11,
        {"ar": "خارج الموضوع", "fr": "Hors sujet", "en": "Off topic"},
        {
            "ar": "نص لا يتعلق بالبرنامج ولا بمشاريعه. إن كان يخص مشروعا آخر نقلناه إليه.",
            "fr": "Un texte sans rapport avec le programme ni ses projets. S’il concerne un autre projet, nous l’y déplaçons.",
            "en": "A text that has nothing to do with the plan or its projects. If it is about another project, we move it there.",
        },
        {
            "ar": "تعليق على نتيجة مباراة تحت مشروع الإنارة",
            "fr": "Commenter un match sous le projet d’éclairage",
            "en": "Commenting on a football match under the lighting project",
        },
        {
            "ar": "اكتبوه تحت المشروع الذي يعنيه، أو بينوا علاقته بهذا المشروع.",
            "fr": "Écrivez-le sous le projet concerné, ou dites quel est le lien avec celui-ci.",
            "en": "Write it under the project it is about, or say how it relates to this one.",
        },
    ),
    Reason(
        ReasonCode.DUPLICATE,
        12,
        {"ar": "مكرر", "fr": "Doublon", "en": "Duplicate"},
        {
            "ar": "النص نفسه موجود من قبل. يُضم نصكم إليه ويبقى اسمكم معه.",
            "fr": "Le même texte existe déjà. Le vôtre lui est joint, et votre nom y reste.",
            "en": "The same text is already there. Yours is joined to it and your name stays with it.",
        },
        {
            "ar": "المقترح نفسه أُرسل مرتين",
            "fr": "La même idée envoyée deux fois",
            "en": "The same proposal sent twice",
        },
        {
            "ar": "إذا رأيتم أن نصكم يقول شيئا آخر، فبينوا ذلك في تظلمكم.",
            "fr": "Si votre texte dit autre chose, expliquez-le dans votre recours.",
            "en": "If your text says something else, tell us what in your appeal.",
        },
    ),
    Reason(
        ReasonCode.UNINTELLIGIBLE,
        13,
        {"ar": "غير مفهوم", "fr": "Incompréhensible", "en": "Unintelligible"},
        {
            "ar": "لم نستطع فهم ما تقصدونه. الأخطاء واللهجات والحروف اللاتينية ليست سببا.",
            "fr": "Nous n’avons pas compris ce que vous vouliez dire. Les fautes, la darija et les lettres latines ne sont pas un motif.",
            "en": "We could not understand what you mean. Mistakes, dialect and Latin letters are not a reason.",
        },
        {
            "ar": "«ققق ططط 123»",
            "fr": "« qsdf jklm 123 »",
            "en": "“asdf jkl 123”",
        },
        {
            "ar": "اكتبوا ما تقصدونه في جملة أو جملتين، بأي لغة.",
            "fr": "Dites votre idée en une ou deux phrases, dans n’importe quelle langue.",
            "en": "Say your idea in a sentence or two, in any language.",
        },
    ),
    Reason(
        ReasonCode.IMPERSONATION,
        14,
        {"ar": "انتحال صفة", "fr": "Usurpation d’identité", "en": "Impersonation"},
        {
            "ar": "الكلام باسم شخص أو جمعية أو إدارة دون تفويض.",
            "fr": "Parler au nom d’une personne, d’une association ou d’une administration sans mandat.",
            "en": "Speaking as a person, an association or an administration without their mandate.",
        },
        {
            "ar": "توقيع تعليق باسم جمعية لم تفوضكم",
            "fr": "Signer un commentaire du nom d’une association qui ne vous a pas donné mandat",
            "en": "Signing a comment with the name of an association that gave you no mandate",
        },
        {
            "ar": "أعيدوا إرساله باسمكم الشخصي.",
            "fr": "Renvoyez-le en votre propre nom.",
            "en": "Send it again in your own name.",
        },
    ),
    Reason(
        ReasonCode.COPYRIGHT,
        15,
        {"ar": "حقوق الغير", "fr": "Droits d’autrui", "en": "Other people's rights"},
        {
            "ar": "نسخ نص أو صورة لغيركم دون إذنه. الاقتباس القصير مع ذكر المصدر مسموح.",
            "fr": "Recopier le texte ou l’image d’autrui sans son accord. Citer brièvement en donnant la source est permis.",
            "en": "Copying somebody's text or picture without their consent. A short quotation with its source is fine.",
        },
        {
            "ar": "نسخ مقال صحفي كامل",
            "fr": "Recopier un article de presse entier",
            "en": "Copying a whole newspaper article",
        },
        {
            "ar": "اكتبوا المعنى بكلماتكم واذكروا المصدر.",
            "fr": "Dites l’idée avec vos mots et indiquez la source.",
            "en": "Say the idea in your own words and name the source.",
        },
    ),
    Reason(
        ReasonCode.INDIVIDUAL_COMPLAINT,
        16,
        {"ar": "شكاية فردية", "fr": "Réclamation individuelle", "en": "Individual complaint"},
        {
            "ar": "ملف يخصكم وحدكم. مكانه منصة الشكايات chikaya.ma أو شباك الجماعة، وهناك تتوصلون بجواب.",
            "fr": "Un dossier qui ne concerne que vous. Sa place est sur chikaya.ma ou au guichet de la commune, où quelqu’un vous répondra.",
            "en": "A matter that concerns only you. Its place is chikaya.ma or the commune's desk, where somebody will answer you.",
        },
        {
            "ar": "«طلب رخصتي رقم كذا بلا جواب منذ مارس»",
            "fr": "« Ma demande de permis est sans réponse depuis mars »",
            "en": "“My permit application has had no answer since March”",
        },
        {
            "ar": "إذا كانت حالتكم تكشف مشكلا يهم الجميع، فاكتبوا عن المشكل نفسه.",
            "fr": "Si votre cas montre un problème qui touche tout le monde, parlez de ce problème.",
            "en": "If your case shows a problem that touches everybody, write about that problem.",
        },
    ),
)

BY_CODE: dict[ReasonCode, Reason] = {reason.code: reason for reason in REASONS}
