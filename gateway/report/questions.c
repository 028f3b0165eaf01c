#include "report/questions.h"

static const struct question questions[] = {
    {"camera",
     "CAMERA",
     {"camera", "카메라"},
     {"who watched this camera, and got its pictures", "이 카메라를 누가 열람하였는가"},
     true,
     question_camera},
    {"case",
     "CASE",
     {"case or incident", "사건 번호"},
     {"all provisions for a case or incident, also after destruction",
      "이 사건에 관한 모든 제공(파기 후 포함)"},
     false,
     question_case},
    {"subject",
     "PARTY/REF",
     {"the subject: party/reference", "정보주체: 기관/참조값"},
     {"where this subject's data went (LIA 24)", "이 정보주체의 정보가 누구에게 제공되었는가"},
     true,
     question_subject},
    {"publications",
     NULL,
     {NULL, NULL},
     {"provisions whose publication under PIPA 18(4) is late", "18조 4항에 따른 공개가 늦은 제공"},
     false,
     question_publications},
    {"emergencies",
     NULL,
     {NULL, NULL},
     {"uses in an emergency, and their reviews", "긴급 이용과 그 사후 검토"},
     false,
     question_emergencies},
    {"exposure",
     NULL,
     {NULL, NULL},
     {"what each recipient got between two times", "두 시각 사이에 수신 부서별로 제공된 내용"},
     false,
     question_exposure},
    {"notices",
     NULL,
     {NULL, NULL},
     {"notices to subjects that were not sent, or deferred", "발송되지 않았거나 유예된 통보"},
     false,
     question_notices},
    {"incidents",
     NULL,
     {NULL, NULL},
     {"incidents that were never closed", "종결되지 않은 사건"},
     false,
     question_incidents},
};

const struct question *question_at(size_t i)
{
    return i < ARRAY_LEN(questions) ? &questions[i] : NULL;
}

const struct question *question_named(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(questions); i++)
        if (strcmp(questions[i].word, word) == 0)
            return &questions[i];
    return NULL;
}
