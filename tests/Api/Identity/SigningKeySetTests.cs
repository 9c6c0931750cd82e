using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Tests.Identity.Support;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>The usable keys of an issuer.</summary>
public sealed class SigningKeySetTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"e\":\"AQAB\",\"n\":\"AQID\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQID\",\"y\":\"AQID\",\"d\":\"AQID\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"use\":\"enc\",\"crv\":\"P-256\",\"x\":\"AQID\",\"y\":\"AQID\"}]}")]
    public void Read_NoUsablePublicKey_Fails(string json)
    {
        var failure = Assert.ThrowsAny<Exception>(() => SigningKeySet.Read(json));

        Assert.True(SigningKeySet.IsFault(failure), failure.ToString());
    }

    [Fact]
    public void Read_SecretKeyAmongPublicOnes_IsIgnored()
    {
        var json = Issuer.KeySet(new Issuer("key-1")).Replace("[", "[{\"kty\":\"oct\",\"kid\":\"key-1\",\"k\":\"AAAA\"},", StringComparison.Ordinal);

        Assert.Equal(2, SigningKeySet.Read(json).Keys.Count);
        Assert.Single(SigningKeySet.Read(json).For("key-1"));
    }
}
