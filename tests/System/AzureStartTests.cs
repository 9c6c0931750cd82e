using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests;

/// <summary>A server whose storage account is not there, or not well named, says so in one line without secrets.</summary>
public sealed class AzureStartTests
{
    [Theory]
    [InlineData("secret-word")]
    [LongInlineData("c2VjcmV0LXdvcmQ=")]
    [LongInlineData("DefaultEndpointsProtocol=https;AccountName=chats;AccountKey=secret-word;EndpointSuffix=core.windows.net")]
    [LongInlineData("BlobEndpoint=secret-word;AccountName=chats;AccountKey=c2VjcmV0LXdvcmQ=")]
    public async Task Start_NoConnectionString_NamesTheRule(string value)
    {
        var line = await StartAsync(value);

        Assert.StartsWith("Storage:ConnectionString: invalid value (hidden). Expected: the connection string of an Azure storage account, such as ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", line, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0LXdvcmQ=", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ServerIsUnreachable_NamesTheCause()
    {
        var line = await StartAsync("DefaultEndpointsProtocol=http;AccountName=chats;AccountKey=c2VjcmV0LXdvcmQ=;BlobEndpoint=http://127.0.0.1:1/chats;");

        Assert.Equal("Can't start the storage provider 'genai-chats': RequestFailedException: Connection refused (127.0.0.1:1)", line);
    }

    private static async Task<string> StartAsync(string connectionString)
    {
        await using var server = ServerProcess.Launch("--Storage:Provider=GrainStorage", "--Storage:ConnectionString=" + connectionString);

        Assert.Equal(1, await server.ExitAsync());
        Assert.Empty(server.Lines);
        return Assert.Single(server.Errors);
    }
}
