using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>An API key of a tenant, or of an operator.</summary>
internal sealed class TestKey(string tenant, bool isOperator = false)
{
    /// <summary>The key.</summary>
    public string Key { get; } = "chats_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What a call with the key has.</summary>
    public Metadata Metadata => new() { { "x-api-key", Key } };

    /// <summary>What a server is to know of it.</summary>
    /// <param name="place">Which of the server's keys it is.</param>
    public string[] Settings(int place) =>
    [
        $"--Authentication:ApiKeys:Keys:{place}:Id=key-of-{tenant}",
        isOperator ? $"--Authentication:ApiKeys:Keys:{place}:Operator=true" : $"--Authentication:ApiKeys:Keys:{place}:Tenant={tenant}",
        $"--Authentication:ApiKeys:Keys:{place}:Hash=sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}",
    ];
}
