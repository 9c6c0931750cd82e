using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>Request headers that proxies let through don't break connections.</summary>
public sealed class HeaderTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Theory]
    [InlineData(1, 40_000)]
    [InlineData(2, 30_000)]
    public async Task Call_LargeHeaders_GetsAResponse(int count, int length)
    {
        var headers = new Metadata();
        for (var i = 0; i < count; i++)
        {
            headers.Add($"x-large-{i}", new string('a', length));
        }

        var channel = Server.NewChannel();
        var list = await new V1.Chats.ChatsClient(channel).ListChatsAsync(new ListChatsRequest { PageSize = 1 }, headers);

        Assert.InRange(list.Chats.Count, 0, 1);
    }
}
