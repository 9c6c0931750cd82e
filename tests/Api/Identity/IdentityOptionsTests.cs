using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Silo.Hosting;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>A server whose identity settings are wrong does not start, and says what is.</summary>
public sealed class IdentityOptionsTests : IDisposable
{
    private static readonly string Key = ApiKey.New();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("identity");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("Identity:Mode", "--Identity:Mode=Keys")]
    [InlineData("Identity:Mode", "--Identity:Mode=8")]
    [InlineData("ApiKey", "--Identity:ApiKey:File=keys.json")]
    [InlineData("must have ApiKeys where Identity:ApiKeys is set", "--Identity:ApiKeys:File=keys.json")]
    [InlineData("must have Jwt where Identity:Jwt is set", "--Identity:Mode=ApiKeys", "--Identity:Jwt:Issuer=https://a.test")]
    [InlineData("Identity:ApiKeys:File is /nowhere/keys.json", "--Identity:Mode=ApiKeys", "--Identity:ApiKeys:File=/nowhere/keys.json")]
    [InlineData("Identity:ApiKeys:Keys:0:Tenant is a/b", "--Identity:Mode=ApiKeys", "--Identity:ApiKeys:Keys:0:Id=a", "--Identity:ApiKeys:Keys:0:Tenant=a/b")]
    [InlineData("Identity:Jwt:Issuer is empty", "--Identity:Mode=Jwt", "--Identity:Jwt:Audience=a")]
    [InlineData("Identity:Jwt:Audience is empty", "--Identity:Mode=Jwt", "--Identity:Jwt:Issuer=https://a.test")]
    [InlineData("Identity:Jwt:Issuer is a", "--Identity:Mode=Jwt", "--Identity:Jwt:Issuer=a", "--Identity:Jwt:Audience=a")]
    [InlineData("Identity:Jwt:Issuer is http://a.test", "--Identity:Mode=Jwt", "--Identity:Jwt:Issuer=http://a.test", "--Identity:Jwt:Audience=a")]
    [InlineData("Identity:Jwt:KeysUrl is http://a.test/", "--Identity:Mode=Jwt", "--Identity:Jwt:Issuer=a", "--Identity:Jwt:Audience=a", "--Identity:Jwt:KeysUrl=http://a.test/")]
    [InlineData("Identity:Jwt:KeysFile is /nowhere", "--Identity:Mode=Jwt", "--Identity:Jwt:Issuer=a", "--Identity:Jwt:Audience=a", "--Identity:Jwt:KeysFile=/nowhere")]
    [InlineData("Identity:Jwt:ClockSkew is 01:00:00", "--Identity:Mode=Jwt", "--Identity:Jwt:Issuer=https://a.test", "--Identity:Jwt:Audience=a", "--Identity:Jwt:ClockSkew=01:00:00")]
    [InlineData("Api:Tls:ClientCa is not set", "--Identity:Mode=ClientCertificates")]
    [InlineData("Pattern is (a", "--Identity:Mode=ClientCertificates", "--Identity:ClientCertificates:Pattern=(a")]
    [InlineData("Pattern is .*", "--Identity:Mode=ClientCertificates", "--Identity:ClientCertificates:Pattern=.*")]
    [InlineData("Api:Tls:Certificate is /nowhere", "--Api:Tls:Certificate=/nowhere")]
    [InlineData("Api:Tls:Certificate is not set", "--Api:Tls:Key=/nowhere")]
    [InlineData("Api:Tls:Certificate is a.pem", "--Api:Tls:Certificate=a.pem", "--Kestrel:Endpoints:A:Url=http://127.0.0.1:0")]
    public void Start_WrongSettings_SaysWhich(string message, params string[] settings) =>
        Assert.Contains(message, Fault(settings), StringComparison.Ordinal);

    [Theory]
    [InlineData("keys[0]:Hash is (not shown)", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "KEY" } ] }""")]
    [InlineData("keys[0]:Id is (not shown)", """{ "keys": [ { "id": "KEY", "tenant": "a", "hash": "HASH" } ] }""")]
    [InlineData("keys[0]:Tenant is a b", """{ "keys": [ { "id": "a", "tenant": "a b", "hash": "HASH" } ] }""")]
    [InlineData("keys[1]:Id is a; it must be of no other key", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "HASH" }, { "id": "a", "tenant": "b", "hash": "HASH" } ] }""")]
    [InlineData("keys[1]:Hash is (not shown); it must be of no other", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "HASH" }, { "id": "b", "tenant": "b", "hash": "HASH" } ] }""")]
    [InlineData("See $.keys[0]", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "HASH", "expiry": "2027-01-01" } ] }""")]
    [InlineData("See $.keys[0].hash", """{ "keys": [ { "id": "a", "tenant": "a", "hash": null } ] }""")]
    [InlineData("See $ at line", "[]")]
    [InlineData("See $ at line", "{}")]
    [InlineData("it must be a readable file", "null")]
    [InlineData("See $ at line", "KEY")]
    public void Start_WrongKeysFile_SaysWhereButNoKey(string message, string json)
    {
        var file = Path.Combine(_directory.FullName, "keys.json");
        File.WriteAllText(file, json.Replace("KEY", Key, StringComparison.Ordinal).Replace("HASH", SecretHash.Of(Key).ToString(), StringComparison.Ordinal));

        var fault = Fault("--Identity:Mode=ApiKeys", $"--Identity:ApiKeys:File={file}");

        Assert.Contains(message, fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, fault, StringComparison.Ordinal);
    }

    private static string Fault(params string[] settings)
    {
        var failure = Assert.ThrowsAny<Exception>(() => ApiServer.Build([.. settings, "--Storage:Provider=InMemory", "--Api:GrpcPort=0", "--Api:HttpPort=0"]));
        return StartFailure.Explain(failure, ApiOptions.SectionName) ?? throw failure;
    }
}
