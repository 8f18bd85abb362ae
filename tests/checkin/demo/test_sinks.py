"""What is sent to the sinks arrives whole, and is shown as it arrived."""

import io
import smtplib
from email.message import EmailMessage
from pathlib import Path

import httpx
from PIL import Image

from checkin.demo.arrived import Arrived, picture
from checkin.demo.postbox import postbox
from checkin.demo.sinks import SmtpSink, WebSink, free_port


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.new("L", (45, 45), 255).save(file, "PNG")
    return file.getvalue()


def a_mail(subject: str = "Thư mời họp báo") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Văn phòng <vanphong@city.example>"
    mail["To"] = "Bà Ánh <anh@bao.example>"
    mail["Subject"] = subject
    mail.set_content("Kính mời Bà.")
    mail.add_alternative('<p>Kính mời</p><img src="cid:the-vao-cua">', subtype="html")
    html = mail.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(a_picture(), "image", "png", cid="<the-vao-cua>")
    return mail


def send(port: int, *mails: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as line:
        for mail in mails:
            line.send_message(mail)


def test_a_mail_arrives_with_the_picture_it_carried() -> None:
    arrived = Arrived()

    with SmtpSink(arrived) as sink:
        send(sink.port, a_mail(), a_mail("Thư thứ hai"))

    assert [mail.recipient for mail in arrived.mails] == ["anh@bao.example"] * 2
    assert arrived.mails[1].message()["Subject"] == "Thư thứ hai"
    assert picture(arrived.mails[0].message()) == a_picture()


def test_what_arrived_stands_in_the_folder_too(tmp_path: Path) -> None:
    arrived = Arrived(tmp_path)

    with SmtpSink(arrived) as sink:
        send(sink.port, a_mail())
    arrived.take_text("+84901234567", "Kinh moi", "r-1")

    assert (tmp_path / "mail/0001.eml").read_bytes() == arrived.mails[0].raw
    assert "+84901234567" in (tmp_path / "texts.jsonl").read_text()


def test_the_gateway_keeps_a_text_message_once_it_is_whole() -> None:
    arrived = Arrived()

    with WebSink(postbox(arrived)) as web, httpx.Client() as client:
        address = f"http://127.0.0.1:{web.port}/sms"
        good = client.post(address, json={"to": "+8490", "text": "Kinh moi", "ref": "r-1"})
        bad = client.post(address, json={"to": "+8490"})
        kannel = f"http://127.0.0.1:{web.port}/cgi-bin/sendsms"
        also = client.get(kannel, params={"to": "+8491", "text": "Kính mời", "coding": "2"})
        neither = client.get(kannel, params={"to": "+8491"})

    codes = [answer.status_code for answer in (good, bad, also, neither)]
    assert codes == [200, 400, 202, 400]
    assert [(text.to, text.body, text.ref) for text in arrived.texts] == [
        ("+8490", "Kinh moi", "r-1"),
        ("+8491", "Kính mời", ""),
    ]


def test_the_page_shows_every_mail_and_text_and_runs_nothing_of_theirs() -> None:
    arrived = Arrived()
    arrived.take_mail("a@b", "c@d", a_mail("<script>alert(1)</script>").as_bytes())
    arrived.take_text("+84901234567", "<b>Kinh moi</b>", "")

    client = postbox(arrived).test_client()
    listed = client.get("/").get_data(as_text=True)
    letter = client.get("/mail/1/letter")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in listed
    assert "&lt;b&gt;Kinh moi&lt;/b&gt;" in listed
    assert "<script" not in client.get("/mail/1").get_data(as_text=True)
    assert 'src="/mail/1/picture"' in letter.get_data(as_text=True)
    assert "sandbox" in letter.headers["Content-Security-Policy"]
    assert client.get("/mail/1/picture").data == a_picture()
    assert client.get("/mail/2").status_code == 404


def test_a_port_that_is_taken_is_left_alone() -> None:
    with SmtpSink(Arrived()) as sink:
        found = free_port(sink.port)

        assert found != sink.port


def test_a_free_port_is_found() -> None:
    with SmtpSink(Arrived(), free_port(0)) as sink:
        assert sink.port > 0
