"""Plays the services, an approval, an emergency and the witnesses of the log through a real gateway, with fedgate-agent as every agency and fedgatectl as every
officer, and shows what happened. All that it leaves is in the folder given."""
import json
import os
import shutil
import sys
import time

from stage import PLACE, Stage, make_witness, now, photo, say

CRIME = {"service": "112-onsite-video", "purpose": "crime-response", "basis": {"code": "kr/pipa/18-2-3"}}
RESCUE = dict(CRIME, purpose="life-rescue")
PATROL = dict(CRIME, service="112-patrol")
FIRE = {"service": "119-dispatch", "purpose": "fire-response", "basis": {"code": "kr/pipa/18-2-3"}}
FLOOD = {"service": "disaster", "purpose": "disaster-response",
         "basis": {"code": "kr/pipa/18-2-10", "evidence": [{"kind": "incident-id", "value": "D-2026-11"}]}}
PROTECTION = {"service": "vulnerable-persons", "purpose": "vulnerable-protection", "basis": {"code": "kr/pipa/18-2-3"}}
GUARDIAN = dict(PROTECTION, basis={"code": "kr/location/26", "evidence": [{"kind": "guardian-registration", "value": "G-77"}]})
FOOTAGE = {"service": "investigation-footage", "purpose": "criminal-investigation",
           "basis": {"code": "kr/pipa/18-2-7", "evidence": [{"kind": "case-number", "value": "2026-112-88"}]}}
RESOLVED = {"outcome": "INCIDENT_OUTCOME_RESOLVED"}

SECONDS_TO_ANSWER = 2

POLICE_OFFICER = ["--staff", "p-417", "--role", "duty-officer", "--workstation", "w2", "--authenticated-by", "smartcard"]
FIRE_CONTROLLER = ["--staff", "f-3", "--role", "controller", "--workstation", "w1", "--authenticated-by", "smartcard"]
INVESTIGATOR = {"staffRef": "p-88", "role": "investigator", "workstation": "w4", "authenticatedBy": "smartcard"}
FOOTAGE_CLERK = {"staffRef": "c-12", "role": "clerk", "workstation": "w7", "authenticatedBy": "smartcard"}
DUTY_OFFICER = {"staffRef": "p-417", "role": "duty-officer", "workstation": "w2", "authenticatedBy": "smartcard"}
TAX_CLERK = ["--staff", "t-1", "--role", "clerk", "--workstation", "w9", "--authenticated-by", "password"]


def onsite_video(stage):
    stage.service(1, "112-onsite-video", "a robbery; the control room sees it, others as far as their own grant goes")
    police, centre = stage.unit("npa-daejeon/112-control"), stage.unit("daejeon-city-center/video-monitoring")
    fire, tax = stage.unit("daejeon-fire/119-control"), stage.unit("daejeon-tax/audit-desk")
    incident = police.new_incident()
    police.send("opens a robbery incident", CRIME, "incidentReport", incident,
                {"type": "robbery", "area": {"point": [PLACE], "radiusM": 50}, "summary": "two men, one knife"})
    police.send("asks for video around the caller", CRIME, "videoRequest", incident,
                {"around": {"point": [PLACE], "radiusM": 200}, "maxStreams": 4})
    request = centre.receive("videoRequest")
    assert "around" not in request, "the caller's position reached the centre"
    cameras = request["cameraId"]
    centre.learns("%d cameras of the neighbourhood, and not where the caller stands" % len(cameras))
    camera = next(c for c in cameras if c == "dj-3028")  # installed for crime prevention; others of them are for children's safety
    centre.send("answers: camera %s is on offer" % camera, centre.replying(CRIME), "videoAnswer", incident,
                {"result": "VIDEO_ANSWER_RESULT_OFFERED", "cameraId": [camera]})
    police.receive("videoAnswer")
    stream = centre.send_video("sends live video of %s" % camera, CRIME, incident, camera)
    police.learns_of(stream)
    seen = police.watch("watches", stream, CRIME, POLICE_OFFICER, "112-control.ts")
    seen.wait_for_bytes(60_000)
    tax.watch_refused("asks for the stream too", stream, CRIME, TAX_CLERK)
    fire.watch_refused("asks for it too: it takes no part yet", stream, RESCUE, FIRE_CONTROLLER)
    police.send("adds 119: a person is injured", CRIME, "incidentReport", incident,
                {"type": "robbery", "participant": [fire.name]})
    fire.learns_of(stream)
    seen_by_fire = fire.watch("watches under its own grant", stream, RESCUE, FIRE_CONTROLLER, "119-control.ts")
    seen_by_fire.wait_for_bytes(60_000)
    police.send("closes its part", CRIME, "incidentClose", incident, RESOLVED)
    seen.ends("its view ends", police)
    fire.send("closes the last part", RESCUE, "incidentClose", incident, RESOLVED)
    seen_by_fire.ends("its view ends", fire)
    stream.ends("is told to stop", fire)
    stage.sees_keys_destroyed(0, "what was to end with the incident")


def patrol(stage):
    stage.service(2, "112-patrol", "a scene photo to the patrol car that is assigned, not to another")
    police, centre = stage.unit("npa-daejeon/112-control"), stage.unit("daejeon-city-center/video-monitoring")
    car = stage.unit("npa-daejeon/patrol-11")
    incident = police.new_incident()
    police.send("opens an incident", PATROL, "incidentReport", incident, {"type": "snatching", "area": {"point": [PLACE]}})
    police.send("assigns patrol-11", PATROL, "unitAssignment", incident, {"unit": car.name, "assigned": True})
    centre.send("sends a photo to the cars", PATROL, "sceneImage", incident,
                {"cameraId": "dj-3028", "takenAt": now(-10), "mediaType": "image/jpeg", "image": photo(), "note": "blue jacket"},
                expect="PARTLY")
    car.receive("sceneImage")
    car.learns("what the scene looks like")


def dispatch(stage):
    stage.service(3, "119-dispatch", "a fire; nobody answers in time, so the duty desk is told; video and traffic to the engine")
    fire, engine = stage.unit("daejeon-fire/119-control"), stage.unit("daejeon-fire/engine-3")
    duty = stage.unit("daejeon-fire/119-duty")
    centre, traffic = stage.unit("daejeon-city-center/video-monitoring"), stage.unit("daejeon-traffic/traffic-feed")
    incident = fire.new_incident()
    fire.send("opens a fire", FIRE, "incidentReport", incident, {"type": "fire", "area": {"point": [PLACE]}})
    fire.send("sends engine-3", FIRE, "unitAssignment", incident, {"unit": engine.name, "assigned": True})
    fire.send("asks for video", FIRE, "videoRequest", incident, {"around": {"point": [PLACE]}, "maxStreams": 2})
    camera = centre.receive("videoRequest")["cameraId"][0]
    duty.receive("videoRequest")
    duty.learns("after %d seconds that the centre has not answered" % SECONDS_TO_ANSWER)
    stream = centre.send_video("sends live video of %s" % camera, FIRE, incident, camera)
    for unit, who in ((fire, FIRE_CONTROLLER), (engine, [])):
        unit.learns_of(stream)
        unit.watch("watches", stream, FIRE, who, unit.name.split("/")[1] + "-fire.ts").wait_for_bytes(30_000)
    traffic.send("tells how the roads are", FIRE, "trafficInfo", incident,
                 {"segment": [{"id": "dunsan-1", "speedKmh": 12.5}, {"id": "dunsan-2", "closed": True}]})
    for unit in (fire, engine):
        unit.receive("trafficInfo")
    engine.learns("that the road dunsan-2 is closed")
    fire.send("closes the fire", FIRE, "incidentClose", incident, RESOLVED)
    stream.ends("is told to stop", fire)


def disaster(stage):
    stage.service(4, "disaster", "a flood to the national system and the road signs; an exercise outside its window")
    room, ndms = stage.unit("daejeon-city-center/disaster-room"), stage.unit("mois-ndms/intake")
    signs = stage.unit("daejeon-traffic/road-signs")
    report = {"type": "flood", "severity": "SEVERITY_SEVERE", "area": {"point": [{"latitude": 36.33, "longitude": 127.43}],
              "radiusM": 800, "place": "Daedong stream"}, "description": "water over the lower road"}
    room.send("reports a flood", FLOOD, "disasterReport", None, report)
    ndms.receive("disasterReport")
    room.send("warns the public", dict(FLOOD, purpose="public-warning"), "publicNotice", None,
              {"type": "NOTICE_TYPE_ALERT", "category": "Met", "event": "Flood", "urgency": "Immediate", "severity": "SEVERITY_SEVERE",
               "certainty": "Observed", "headline": "Lower road closed", "areaDescription": "Daedong", "effectiveAt": now(),
               "expiresAt": now(4 * 3600), "language": "ko-KR"})
    signs.receive("publicNotice")
    signs.learns("what to show")
    room.send("sends an exercise, outside every declared window", dict(FLOOD, status="STATUS_EXERCISE"), "disasterReport", None,
              report, expect="REFUSED")


def vulnerable_persons(stage):
    stage.service(5, "vulnerable-persons", "a child's alert, from the button to \"found\"; consents withdrawn and missing")
    carrier, desk = stage.unit("carrier-hana/guardian-service"), stage.unit("daejeon-city-center/protection-desk")
    police = stage.unit("npa-daejeon/112-control")
    incident = desk.new_incident()
    alert = {"alertId": incident.split(":")[1], "subject": {"party": "carrier-hana", "ref": "s-1001"}, "category": ["SUBJECT_CATEGORY_CHILD"],
             "ageBand": "AGE_BAND_UP_TO_8", "trigger": "ALERT_TRIGGER_BUTTON",
             "consent": {"ref": "c-9", "givenBy": "CONSENT_GIVER_LIA_26_GUARDIAN", "item": ["location", "photo"],
                         "recipient": ["daejeon-city-center"], "purpose": ["vulnerable-protection"]}}

    def position(north):
        return {"latitude": PLACE["latitude"] + north, "longitude": PLACE["longitude"], "accuracyM": 12, "fixedAt": now(-2),
                "method": "POSITION_METHOD_GNSS", "origin": "POSITION_ORIGIN_LIA_CONSENT"}

    carrier.send("the button is pressed: position and photo", GUARDIAN, "guardianAlert", None,
                 dict(alert, sequence=1, phase="ALERT_PHASE_NEW", position=position(0), mediaType="image/jpeg", photo=photo(),
                      heightCm=118, features="yellow bag", guardianContact="mother"))
    desk.receive("guardianAlert")
    carrier.receive("provisionNotice")
    carrier.learns("to whom the position went, for the person's own notice (Location Information Act, 19(3))")
    for step in (1, 2):
        carrier.send("the child moves", GUARDIAN, "guardianAlert", incident,
                     dict(alert, sequence=1 + step, phase="ALERT_PHASE_UPDATE", position=position(0.0006 * step)))
        desk.receive("guardianAlert")
    desk.send("asks 112 to help", dict(PROTECTION, to=[police.name]), "dispatchRequest", incident,
              {"type": "vulnerable-person", "position": position(0.0012), "subject": alert["subject"], "features": "yellow bag"})
    police.receive("dispatchRequest")
    police.send("answers: patrol-11 is on its way", police.replying(PROTECTION), "dispatchAnswer", incident,
                {"step": "DISPATCH_STEP_ACCEPTED", "unit": "npa-daejeon/patrol-11"})
    desk.receive("dispatchAnswer")
    before = stage.keys_destroyed()
    carrier.send("the child is found", GUARDIAN, "guardianAlert", incident, dict(alert, sequence=4, phase="ALERT_PHASE_FOUND"))
    assert desk.receive("guardianAlert")["phase"] == "ALERT_PHASE_FOUND"
    stage.sees_keys_destroyed(before, "positions and photo")
    desk.send("closes the incident", PROTECTION, "incidentClose", incident, RESOLVED)
    order = police.receive("destructionOrder")
    police.learns("that it has to destroy %d delivery: %s" % (len(order["item"]), order["why"].removeprefix("DESTRUCTION_CAUSE_").lower()))
    police.destroys("says so, signed with its own key", "--staff", "p-417", "--method", "overwritten")
    carrier.send("the guardian withdraws the consent", GUARDIAN, "consentChange", None,
                 {"subject": alert["subject"], "consentRef": "c-9", "state": "CONSENT_STATE_WITHDRAWN"})
    desk.receive("consentChange")
    carrier.send("the button is pressed again", GUARDIAN, "guardianAlert", None,
                 dict(alert, alertId=desk.new_incident().split(":")[1], sequence=1, phase="ALERT_PHASE_NEW", position=position(0)),
                 expect="REFUSED")
    consent = dict(GUARDIAN, basis={"code": "kr/location/19", "evidence": [{"kind": "consent-reference", "value": "none"}]})
    carrier.send("an elder living alone, without consent", consent, "guardianAlert", None,
                 {"alertId": desk.new_incident().split(":")[1], "sequence": 1, "phase": "ALERT_PHASE_NEW",
                  "subject": {"party": "carrier-hana", "ref": "s-2002"}, "category": ["SUBJECT_CATEGORY_LIVING_ALONE"],
                  "ageBand": "AGE_BAND_ADULT", "trigger": "ALERT_TRIGGER_BUTTON", "position": position(0)}, expect="REFUSED")


def footage(stage):
    stage.service(6, "investigation-footage", "a recording is asked for by letter; the answer waits for the centre's privacy officer")
    police = footage_held(stage)
    for subject in stage.waiting("approvals"):
        stage.acts("daejeon-city-center/park", "approves: the letter is in order", "approvals", "approve", subject)
    police.receive("releaseAnswer")
    police.learns("what was decided")


def footage_held(stage):
    police, desk = stage.unit("npa-daejeon/investigation"), stage.unit("daejeon-city-center/footage-desk")
    police.send("asks for a recording", dict(FOOTAGE, actor=INVESTIGATOR), "releaseRequest", None,
                {"requester": "REQUESTER_INVESTIGATOR", "cameraId": "dj-3028", "beginsAt": now(-7200), "endsAt": now(-3600),
                 "reason": "robbery", "documentNo": "2026-112-88"})
    desk.receive("releaseRequest")
    desk.send("answers: it will be released", desk.replying(dict(FOOTAGE, actor=FOOTAGE_CLERK)), "releaseAnswer", None,
              {"requestId": desk.taken["message"]["header"]["id"], "result": "RELEASE_RESULT_RELEASED"}, expect="HELD")
    return police


def emergency(stage):
    stage.service(7, "an emergency", "a duty officer goes past the radius of 500 m; two officers review each use")
    emergency_used(stage)
    for subject in stage.waiting("emergencies"):
        for officer in ("seo", "yoon"):
            stage.acts("daejeon-gateway-operator/" + officer, "reviews use %s: justified" % subject, "emergencies", "review", subject)


def emergency_used(stage):
    police, centre = stage.unit("npa-daejeon/112-control"), stage.unit("daejeon-city-center/video-monitoring")
    incident, far = police.new_incident(), "dj-0303"
    police.send("opens an abduction", CRIME, "incidentReport", incident, {"type": "abduction-confinement", "area": {"point": [PLACE]}})
    police.send("declares an emergency", dict(CRIME, actor=DUTY_OFFICER, emergency={
        "reasonCode": "life-at-stake", "reason": "the car was seen leaving the area"}), "videoRequest", incident,
                {"around": {"point": [PLACE]}, "maxStreams": 1})
    centre.receive("videoRequest")
    stream = centre.send_video("sends video of %s, 724 m away" % far, CRIME, incident, far)
    police.learns_of(stream)
    police.watch("watches", stream, CRIME, POLICE_OFFICER, "emergency.ts").wait_for_bytes(30_000)
    police.send("closes the incident", CRIME, "incidentClose", incident, RESOLVED)
    stream.ends("is told to stop", police)


def transparency(stage):
    stage.service(8, "the audit log", "two agencies witness that it only grows; a sender proves what stands in it")
    police, witnesses = stage.unit("npa-daejeon/112-control"), ("npa-daejeon", "daejeon-fire")
    receipt = police.send("opens an incident", CRIME, "incidentReport", police.new_incident(),
                          {"type": "robbery", "area": {"point": [PLACE]}})
    for name, unit in zip(witnesses, (police, stage.unit("daejeon-fire/119-control"))):
        unit.witnesses("keeps watch over the log, as a witness", name)
    police.proves("has its place in the log proved, offline", receipt, witnesses)


def prepare(folder):
    """What the demonstration changes in a development gateway, before it starts."""
    answers_sooner(folder)
    keys = [make_witness(folder, name) for name in ("npa-daejeon", "daejeon-fire")]
    with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
        f.write("witnesses: ['%s', '%s']\n" % tuple(keys))


def answers_sooner(folder):
    """The memorandum gives the centre 60 seconds to answer 119; nobody waits that long at a demonstration."""
    path = os.path.join(folder, "policy", "mou", "molit-mpss-2015.yaml")
    with open(path) as f:
        text = f.read()
    before = "answer: {by: [video_answer], within: 60 seconds"
    assert before in text
    with open(path, "w") as f:
        f.write(text.replace(before, "answer: {by: [video_answer], within: %d seconds" % SECONDS_TO_ANSWER))


def open_register(stage):
    """An officer signs for what the register kept; the log has that act too."""
    time.sleep(1.5)  # a checkpoint over it all
    facts = os.path.join(stage.folder, "register.facts")
    opened = stage.gateway.ctl("audit", "unseal", "--log", os.path.join(stage.folder, "audit"), "--socket",
                               stage.gateway.path("data", "control.sock"), "--officer", "daejeon-audit-commission/nam", "--reason",
                               "the demonstration", "--key", stage.gateway.path("signing", "nam.key"), "--out", facts, "--lang", "en")
    if opened.returncode != 0:
        raise SystemExit(opened.stderr)


def show_register(stage, log):
    """Who watched a camera; and the registers and figures as pages, in Korean."""
    known = ("--log", log, "--facts", os.path.join(stage.folder, "register.facts"), "--policy", os.path.join(stage.folder, "policy"))
    say("\nWho watched camera dj-3028? The audit commission's officer signed for what the register kept\n(fedgatectl audit unseal; then\n"
        "fedgatectl audit ask camera dj-3028 --log %s --facts %s)\n" % (log, known[3]))
    watched = stage.gateway.ctl("audit", "ask", "camera", "dj-3028", *known, "--lang", "en", "--format", "json")
    for row in json.loads(watched.stdout)["rows"]:
        say("  %-48s %-44s %s" % (row["time"], row["recipient"].split("[")[-1].rstrip("]"), row["staff"]))
    pages = os.path.join(stage.folder, "registers")
    os.makedirs(pages, exist_ok=True)
    for name, words in (("out-of-purpose", ("register", "out-of-purpose")), ("personal-video", ("register", "personal-video")),
                        ("location", ("register", "location")), ("statistics", ("statistics",))):
        page = stage.gateway.ctl("audit", *words, *known, "--lang", "ko", "--format", "html")
        with open(os.path.join(pages, name + ".html"), "w") as f:
            f.write(page.stdout)
    say("\nThe three registers and the figures, as pages in Korean: %s/*.html" % pages)
    return watched.returncode


def destroyed_record(stage):
    """The leaf of a message of which every key was erased; of one whose recipient has confirmed that it destroyed it, too, if there is one."""
    leaves = stage.gateway.leaves()
    words = lambda x, key: [part for w in x.get("detail", "").split(" ") if w.startswith(key + "=") for part in w[len(key) + 1:].split(",")]
    gone = {scope for x in leaves if x["event"] == "destroyed" for scope in words(x, "scope")}
    ranges = [part.split("-") for x in leaves if x["event"] == "recipient-destroyed" for part in words(x, "items")]
    confirmed = {x["refers"] for x in leaves if x["event"] == "released" and any(int(r[0]) <= x["index"] <= int(r[-1]) for r in ranges)}
    destroyed = [x for x in leaves if x["event"] == "received" and words(x, "scopes") and set(words(x, "scopes")) <= gone]
    return next((x for x in destroyed if x["index"] in confirmed), destroyed[0])


def certify(stage, log, key):
    """A certificate of one destroyed message, checked again."""
    record, name = destroyed_record(stage), os.path.join(stage.folder, "certificate")
    made = stage.gateway.ctl("destruction", "certificate", "--log", log, "--key", key, "--policy", os.path.join(stage.folder, "policy"),
                             "--lang", "ko", "--out", name, str(record["index"]))
    checked = stage.gateway.ctl("destruction", "verify", "--key", key, name + ".json")
    say("\nRecord %d, a %s, is destroyed, and its certificate %s: %s.html, with the proofs in %s.json (fedgatectl destruction verify)"
        % (record["index"], record["kind"], "holds" if checked.returncode == 0 else "DOES NOT HOLD", name, name))
    return made.returncode or checked.returncode


def show(stage):
    """What an auditor sees, without the gateway."""
    log, key = os.path.join(stage.folder, "audit"), os.path.join(stage.folder, "audit.vkey")
    say("\nWhat became of every message (fedgatectl audit flows --log %s)\n" % log)
    flows = stage.gateway.ctl("audit", "flows", "--log", log)
    sys.stdout.write(flows.stdout)
    say("\nIs the log whole? (fedgatectl audit verify --log %s --key %s)\n" % (log, key))
    verify = stage.gateway.ctl("audit", "verify", "--log", log, "--key", key)
    sys.stdout.write(verify.stdout + verify.stderr)
    registers = show_register(stage, log)
    certified = certify(stage, log, key)
    with open(key) as f:
        say("\nThe verifier key: " + f.read().strip())
    say("Everything it left is in %s: the log in audit/, its key in audit.vkey, what was watched in video/, the gateway's own words "
        "in gateway.log." % stage.folder)
    return flows.returncode or verify.returncode or registers or certified


def show_console(stage):
    say("\nThe auditors' console over this log, at https://localhost:%d/, in Chromium with the audit commission's development certificate; it starts the\n"
        "gateway again:\n\n  tests/demo/open-console %s" % (stage.gateway.console_port, stage.folder))


def main(folder):
    began = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    stage = Stage(folder, prepare)
    try:
        for play in (onsite_video, patrol, dispatch, disaster, vulnerable_persons, footage, emergency, transparency):
            play(stage)
        open_register(stage)
    finally:
        stage.close()
    code = show(stage)
    show_console(stage)
    say("\nThe demonstration took %.0f s." % (time.monotonic() - began))
    return code


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: demo.py DIR")
    sys.exit(main(sys.argv[1]))
