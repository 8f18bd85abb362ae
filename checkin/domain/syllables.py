"""The 256 syllables of which fingerprints are made: one for each byte.

They are common words, and no two are alike without their marks.
"""

_WORDS = (
    "an anh ba bac băng bánh bão bắp bát bay bè bến bếp bi bia biển bình bò bóng bụi bưởi "
    "bướm bút cá cam cành cao cát cau cây chăn chanh chậu chè chén chìa chiều chim chó chùa "
    "chuối chuông cỏ cóc còi cơm cổng cọp cột cua cúc cung đá đàn dao đất dâu dây dê đêm đèn "
    "dép đĩa diều đò đồi đồng dù dừa đường ếch én gà gạch gạo gấu ghe giấy giếng gió gỗ gốc "
    "gối gừng gương hạc hàng hạt hẹ hến hổ hoa hồng hộp huệ hươu kem kén kênh kéo khăn khế "
    "khoai khói khóm kiến kim kính lá lạc lan làng lau lê lều lịch liễu lò lốc lon lồng lúa "
    "lược lưới mạ mai mâm mận măng mắt mây mèo mía mít mõ mũ mưa mực muối muỗng mứt nai nam "
    "nắng nệm nến ngan ngày nghé ngõ ngọc ngói ngựa nhà nhãn nhện nhím nho nơ nồi nón núi "
    "nước ốc ổi ong ớt phà phấn pháo phim phố quạ quạt quế quýt rắn rau ráy rễ rèm rổ rơm rùa "
    "rừng ruộng rượu sách sấm sắn sáo sáp sen sò sóc sơn sóng sứ sữa sung suối sương tai tắm "
    "táo tay thảm than thang tháp thau thêm thép thìa thỏ thóc thu thùng thuyền tiêu tim tổ "
    "tóc tỏi tôm trà trai trâm trăng tranh trâu tre trời trống trứng tủ túi tượng ủng vai ván "
    "vàng ve vẹt vịt vở voi vòng vừng vườn xanh xe xoài xuân xương yến "
)

SYLLABLES = tuple(_WORDS.split())
