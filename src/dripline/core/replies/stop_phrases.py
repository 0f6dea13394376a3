"""The words with which people ask to be left alone, and the labels of Meta's own button for it, in many languages.

Written here as people write them; `core.replies.stopping` compares them without case, accents and punctuation.
"""

# ruff: noqa: RUF001  (letters that look alike are what people write)

PROMOTIONS: tuple[str, ...] = (
    "stop promotions", "stop promotion", "stop promos", "stop promo", "stop marketing", "stop offers", "stop ads",
    "stop messages", "stop updates", "opt out of promotions", "opt out of marketing", "unsubscribe from promotions",
    # Malay and Indonesian
    "hentikan promosi", "berhenti promosi", "henti promosi", "stop promosi", "hentikan iklan", "hentikan pemasaran",
    "hentikan tawaran",
    # Chinese, in both scripts
    "停止推广", "停止促销", "停止推销", "停止营销", "停止优惠", "停止推送", "停止宣传", "停止接收促销信息",
    "停止接收推广信息", "停止推廣", "停止促銷", "停止推銷", "停止行銷", "停止優惠", "停止宣傳", "停止接收促銷訊息",
    "停止接收推廣訊息",
    # Portuguese and Spanish
    "parar promoções", "parar promoção", "parar as promoções", "parar de receber promoções", "interromper promoções",
    "cancelar promoções", "detener promociones", "parar promociones", "detener las promociones",
    "cancelar promociones", "dejar de recibir promociones", "detener promoción", "detener publicidad",
    # Arabic and Hindi
    "إيقاف العروض الترويجية", "إيقاف العروض", "ايقاف الترويج", "إيقاف الترويج", "إيقاف الرسائل الترويجية",
    "إيقاف الإعلانات", "أوقف العروض", "وقف العروض الترويجية", "وقف العروض", "إيقاف التسويق", "प्रमोशन रोकें",
    "प्रमोशन बंद करें", "प्रचार रोकें", "प्रचार बंद करें", "प्रोमोशन रोकें", "प्रोमोशन बंद करें", "प्रमोशन रोक दें",
    "ऑफ़र रोकें", "प्रमोशनल मैसेज रोकें", "प्रमोशन वाले मैसेज बंद करें",
    # French, German, Italian, Dutch
    "arrêter les promotions", "arrêter promotions", "arrêter les promos", "arrêter la promotion",
    "stop aux promotions", "stopper les promotions", "arrêter les offres", "ne plus recevoir de promotions",
    "désactiver les promotions", "werbung stoppen", "werbung beenden", "promotions stoppen", "promotion stoppen",
    "angebote stoppen", "werbeaktionen stoppen", "werbeaktionen beenden", "werbenachrichten stoppen", "keine werbung",
    "keine werbung mehr", "interrompi promozioni", "interrompi le promozioni", "interrompi promozione",
    "ferma promozioni", "ferma le promozioni", "blocca promozioni", "blocca le promozioni", "stop promozioni",
    "stop alle promozioni", "promoties stoppen", "promoties stopzetten", "stop promoties", "stop met promoties",
    "aanbiedingen stoppen", "reclame stoppen", "stop reclame",
    # Turkish, Vietnamese, Thai
    "promosyonları durdur", "promosyonu durdur", "tanıtımları durdur", "tanıtımı durdur", "kampanyaları durdur",
    "reklamları durdur", "promosyonlari kapat", "dừng khuyến mãi", "dừng khuyến mại", "dừng quảng cáo",
    "ngừng khuyến mãi", "ngừng khuyến mại", "ngừng quảng cáo", "ngừng quảng bá", "dừng quảng bá",
    "dừng nhận khuyến mãi", "ngừng nhận khuyến mãi", "dừng tin khuyến mãi", "หยุดโปรโมชั่น", "หยุดโปรโมชัน",
    "หยุดการโปรโมต", "หยุดรับโปรโมชั่น", "หยุดรับโปรโมชัน", "หยุดการโฆษณา", "หยุดโฆษณา", "ยกเลิกโปรโมชั่น",
    "ยกเลิกโปรโมชัน", "หยุดการส่งเสริมการขาย", "หยุดข้อความส่งเสริมการขาย",
    # Russian, Japanese, Korean
    "остановить рекламу", "остановить промоакции", "остановить рассылку", "остановить акции", "отключить рекламу",
    "отключить рассылку", "прекратить рекламу", "прекратить рассылку", "не получать рекламу", "стоп реклама",
    "остановить промо", "отписаться от рекламы", "отписаться от рассылки", "отказаться от рекламы",
    "プロモーションを停止", "プロモーション停止", "プロモーションを停止する", "宣伝を停止", "広告を停止",
    "配信を停止", "配信停止", "プロモーションの配信を停止", "プロモーションの受信を停止", "キャンペーンを停止",
    "프로모션 중지", "프로모션 중단", "프로모션 그만 받기", "프로모션 수신 중지", "프로모션 수신 거부", "홍보 중지",
    "홍보 중단", "광고 중지", "광고 중단", "광고 수신 거부", "홍보 메시지 중지", "마케팅 중지",
)  # fmt: skip
"""What Meta writes on its button under a marketing template, in the template's language, and what it has written there
in other years. Whoever presses it, or writes just that, wants no more."""

STRONG: tuple[str, ...] = (
    "stop", "stopp", "stops", "stopped", "stopping", "stpo", "sotp", "s t o p", "unsubscribe", "unsubscribed",
    "unsubscribing", "unsub", "unsuscribe", "unsubcribe", "unsubscibe", "opt out", "optout", "opt me out",
    "remove me", "remove my", "remove from", "remove number", "delete me", "delete my number", "take me off",
    "take me out", "take my name off", "take my number off", "leave me alone", "no more messages", "no more message",
    "no more msg", "no more msgs", "no more texts", "no more ads", "no more spam", "dont message", "dont msg",
    "dont text", "dont contact", "dont send", "dont whatsapp", "dont disturb", "do not message", "do not msg",
    "do not text", "do not contact", "do not send", "do not disturb", "never message", "never contact",
    "not interested", "no longer interested", "no longer want", "dont want any", "dont want more", "dont want this",
    "dont want your", "dont want to receive", "do not want any", "do not want more", "do not want this",
    "do not want to receive", "block you", "blocking you", "spam", "spamming", "report you",
    # Malay and Indonesian
    "berhenti", "berenti", "brhenti", "berhentikan", "diberhentikan", "henti", "hentikan", "tak nak", "taknak",
    "tknak", "x nak", "xnak", "xmau", "tak mau", "tak mahu", "takmau", "tidak mahu", "tidak mau", "tdk mau", "ga mau",
    "gak mau", "nggak mau", "tak minat", "tak berminat", "tidak berminat", "tidak minat", "jangan hantar",
    "jgn hantar", "jangan kirim", "jgn kirim", "jangan hubungi", "jgn hubungi", "jangan mesej", "jgn mesej",
    "jangan wasap", "jangan whatsapp", "jangan kacau", "jgn kacau", "jangan ganggu", "jgn ganggu", "jangan spam",
    "buang nombor", "buang nama", "buang saya", "padam nombor", "padam nama", "keluarkan saya", "keluarkan nombor",
    "keluarkan nama", "hapus nomor", "batalkan langganan", "batal langganan", "nyahlanggan", "stopkan",
    # Portuguese and Spanish
    "parar", "parem", "sair da lista", "descadastrar", "descadastre", "não quero", "me remova", "me tira", "me tire",
    "remover meu", "cancelar inscrição", "não envie", "não enviem", "não mande", "detener", "detengan",
    "darme de baja", "dar de baja", "dame de baja", "denme de baja", "no quiero", "no me escriban", "no me escribas",
    "no me envien", "no me manden", "dejen de", "deja de", "cancelar suscripción", "anular suscripción",
    # French, German, Italian, Dutch
    "arrêter", "arrête", "arrêtez", "arret", "stopper", "désabonner", "désabonnez", "désinscrire", "désinscription",
    "me désinscrire", "ne plus recevoir", "plus de messages", "abmelden", "abbestellen", "austragen", "aufhören",
    "keine nachrichten", "keine werbung", "nicht mehr schreiben", "disiscrivi", "disiscrivimi", "cancellami",
    "annulla iscrizione", "basta messaggi", "non voglio", "non scrivermi", "smettete", "smettila", "afmelden",
    "uitschrijven", "stoppen", "geen berichten", "geen reclame",
    # Turkish, Vietnamese
    "durdur", "durdurun", "iptal et", "abonelikten çık", "istemiyorum", "mesaj atmayın", "yazmayın", "dừng", "ngừng",
    "huỷ đăng ký", "hủy đăng ký", "từ chối nhận", "không nhận", "đừng gửi", "đừng nhắn", "không muốn nhận",
    # Russian
    "стоп", "остановите", "остановить", "прекратите", "прекратить", "хватит", "отписаться", "отпишите", "отписка",
    "не пишите", "не пиши", "не присылайте", "не надо писать", "уберите меня", "удалите меня", "удалите мой",
    # Arabic
    "توقف", "توقفوا", "إيقاف", "أوقف", "أوقفوا", "اوقفوا", "قف", "وقف", "إلغاء الاشتراك", "الغاء الاشتراك",
    "الغي الاشتراك", "لا أريد", "لا اريد", "لا ترسل", "لا ترسلوا", "لا تراسلني", "احذفوني", "احذف رقمي", "ستوب",
    # Hindi and Tamil
    "रोकें", "रोको", "रोक दो", "रोकिए", "बंद करें", "बंद करो", "बंद कीजिए", "मत भेजो", "मत भेजें", "मत भेजिए",
    "नहीं चाहिए", "अनसब्सक्राइब", "स्टॉप", "band karo", "mat bhejo", "nahi chahiye", "நிறுத்து", "நிறுத்தவும்",
    "நிறுத்துங்கள்", "வேண்டாம்", "அனுப்பாதே", "அனுப்பாதீர்கள்",
)  # fmt: skip
"""Words and phrases that may mean "stop" wherever they stand in a message."""

WEAK: tuple[str, ...] = (
    "quit", "end", "cancel", "revoke", "remove", "delete", "batal", "batalkan", "keluar", "sair", "cancelar",
    "cancela", "alto", "basta", "pare", "annuler", "annulla", "ferma", "dur", "iptal", "çık", "ret", "hủy", "huỷ",
    "отмена", "الغاء", "إلغاء", "बंद", "td",
)  # fmt: skip
"""Words that may mean it where hardly anything else is said."""

WEAK_WORDS = 4
"""The most words of a message in which a weak one is heeded."""

UNSPACED: tuple[str, ...] = (
    "退订", "退訂", "取消订阅", "取消訂閱", "取消关注", "取消追蹤", "停止发送", "停止發送", "停止", "别发", "別發",
    "不要发", "不要發", "不要再发", "不要再發", "不要再傳", "不要传", "不要傳", "勿发", "勿發", "拒收", "别再",
    "別再", "不想收", "不想再收", "不需要了", "别烦", "別煩", "不要骚扰", "不要騷擾", "删除我", "刪除我", "移除我",
    "退出", "唔要再", "唔好再", "唔好send", "配信停止", "登録解除", "購読解除", "退会", "やめて", "止めて",
    "送らないで", "いりません", "ストップ", "수신거부", "수신 거부", "구독취소", "구독 취소", "구독해지", "그만",
    "중단", "중지", "멈춰", "보내지 마", "탈퇴", "หยุด", "ยกเลิก", "ไม่รับ", "ไม่ต้องส่ง", "อย่าส่ง", "เลิกส่ง",
    "ไม่สนใจ",
)  # fmt: skip
"""The same in languages that are written without spaces, or with spaces as one likes."""

NO_STOP: tuple[str, ...] = (
    "dont stop", "do not stop", "never stop", "cant stop", "cannot stop", "wont stop", "will not stop", "non stop",
    "nonstop", "bus stop", "one stop", "stop by", "stop at", "full stop", "dont unsubscribe", "do not unsubscribe",
    "dont remove me", "dont want to miss", "dont cancel", "jangan berhenti", "jgn berhenti", "jangan hentikan",
    "tak nak berhenti", "dont opt out", "never unsubscribe", "tak nak terlepas", "no dejen de",
)  # fmt: skip
"""What has such a word in it and means something else."""

SIGNS = ("\U0001f6d1", "\u26d4", "\U0001f6ab")
"""Signs that may mean it where nothing is written: a stop sign, no entry, prohibited."""

STARTS: tuple[str, ...] = ("start", "unstop", "subscribe", "resubscribe", "opt in", "optin")
"""With which a person takes back their own "stop"; the first two are those of carriers and of Twilio."""

HELPS: tuple[str, ...] = ("help",)
"""What carriers answer themselves: it asks how to stop, and is no answer to anything."""
