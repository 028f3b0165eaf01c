/* What is handed to an agency: how a unit's certificate is asked for, and what is done in which
 * order. */
#include "cli/party.h"

#include <string.h>

void party_request(const char *unit, struct buf *out)
{
    const char *name = strchr(unit, '/') + 1;
    buf_printf(out,
               "# %s: run by the agency; the key stays there\n"
               "cat > %s.cnf <<'CNF'\n"
               "[req]\n"
               "prompt = no\n"
               "distinguished_name = subject\n"
               "req_extensions = unit\n"
               "[subject]\n"
               "CN = %s\n"
               "[unit]\n"
               "basicConstraints = critical, CA:FALSE\n"
               "keyUsage = critical, digitalSignature\n"
               "extendedKeyUsage = clientAuth\n"
               "subjectAltName = URI:fedgate://%s\n"
               "CNF\n"
               "(umask 077; openssl ecparam -name prime256v1 -genkey -noout -out %s.key)\n"
               "openssl req -new -key %s.key -config %s.cnf -out %s.csr\n",
               unit, name, name, unit, name, name, name, name);
}

/* `%s` is the party, once in each line that has one. */
static const char *const steps[][2] = {
    {"agency: makes its own root (EC P-256, keyCertSign and cRLSign) and keeps its key offline",
     "기관: 자체 루트(EC P-256, keyCertSign·cRLSign)를 만들고 그 키를 오프라인에 둡니다"},
    {"agency: hands the root over in person; both sides compare its SHA-256 aloud",
     "기관: 루트를 직접 전달하고, 양쪽이 SHA-256을 소리 내어 대조합니다"},
    {"operator: fedgatectl party add, with --root; nobody connects before the set is signed",
     "운영자: --root와 함께 fedgatectl party add를 실행합니다. 정책 서명 전에는 접속할 수 "
     "없습니다"},
    {"agency: makes keys and requests (above), and has its root sign them as they are",
     "기관: 위 명령으로 키와 요청서를 만들고 루트로 그대로 서명합니다"},
    {"agency: publishes a revocation list of its root, renewed daily",
     "기관: 루트의 폐지 목록을 매일 갱신해 제공합니다"},
    {"operator: puts the list into the crl_folder as %s.crl",
     "운영자: 폐지 목록을 crl_folder에 %s.crl로 둡니다"},
    {"lawyers: write the memorandum's grants; officers run fedgatectl policy check and policy diff",
     "법무: 협약의 허가를 작성하고, 담당자는 fedgatectl policy check와 policy diff로 확인합니다"},
    {"operator: raises serial in set.yaml; fedgatectl policy seal; two officers sign; reload",
     "운영자: set.yaml의 serial을 올리고 fedgatectl policy seal, 담당자 두 명 서명, reload"},
    {"operator: fedgatectl party test %s", "운영자: fedgatectl party test %s"},
    {"operator: hands over address, port and the gateway's root; the network teams open the port",
     "운영자: 주소·포트·게이트웨이 루트를 전달하고, 네트워크 담당자는 포트를 엽니다"},
    {"agency: fedgate-agent doctor, until nothing fails",
     "기관: 실패가 없을 때까지 fedgate-agent doctor를 실행합니다"},
    {"vendor: fedgate-agent conform against a gateway for tests; its report goes to the operator",
     "개발사: 시험용 게이트웨이에 fedgate-agent conform을 실행하고 보고서를 운영자에게 "
     "제출합니다"}};

void party_checklist(const char *party, bool korean, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        const char *text = steps[i][korean], *gap = strstr(text, "%s");
        const int n = gap == NULL ? (int)strlen(text) : (int)(gap - text);
        buf_printf(out, "%2zu. [ ] %.*s%s%s\n", i + 1, n, text, gap == NULL ? "" : party,
                   gap == NULL ? "" : gap + 2);
    }
}
