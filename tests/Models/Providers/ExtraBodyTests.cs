using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>What clients add to the requests of a model goes along on routes that allow it, and replaces nothing.</summary>
public sealed class ExtraBodyTests
{
    [Theory]
    [InlineData("gemini")]
    [InlineData("vertex")]
    [InlineData("openai")]
    [InlineData("client")]
    public async Task GenerateAsync_RouteThatDoesNotAllowIt_RefusesIt(string provider)
    {
        await using var world = await ProviderWorld.StartAsync(provider);
        var config = Config("more");

        var early = Assert.Throws<ModelException>(() => world.Route.Check(config, []));
        var failure = await Assert.ThrowsAsync<ModelException>(() => world.Route.CallAsync(Ask("q", config: config, model: ProviderWorld.Model)));

        Assert.Equal((Code.InvalidArgument, "config.http_options.extra_body isn't allowed for this model."), (failure.Code, failure.Message));
        Assert.Equal(failure.Message, early.Message);
        Assert.Empty(world.Requests);
        // Empty, it is none.
        world.Route.Check(new GenerateContentConfig { HttpOptions = new HttpOptions { ExtraBody = new Struct() } }, []);
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("vertex")]
    [InlineData("openai")]
    public async Task GenerateAsync_RouteThatAllowsIt_SendsItBesideWhatTheServerWrites(string provider)
    {
        await using var world = await ProviderWorld.StartAsync(provider, ("Models:Routes:0:AllowExtraBody", "true"));
        foreach (var stream in (bool[])[true, false])
        {
            world.AnswerText(stream, "a");

            await world.Route.CallAsync(Ask("q", stream, Config("more"), ProviderWorld.Model));

            Assert.Equal("theirs", world.Requests[^1].Body.GetProperty("more").GetString());
        }

        foreach (var own in world.IsGoogles ? ["model", "contents", "CONTENTS"] : (string[])["model", "messages", "stream", "stream_options", "MODEL"])
        {
            var early = Assert.Throws<ModelException>(() => world.Route.Check(Config(own), []));
            var failure = await Assert.ThrowsAsync<ModelException>(() => world.Route.CallAsync(Ask("q", config: Config(own), model: ProviderWorld.Model)));

            Assert.Equal($"config.http_options.extra_body.{own} is set by the server and can't be replaced.", failure.Message);
            Assert.Equal(failure.Message, early.Message);
        }

        Assert.Equal(2, world.Requests.Count);
    }

    private static GenerateContentConfig Config(string member) => new()
    {
        HttpOptions = new HttpOptions { ExtraBody = new Struct { Fields = { [member] = Value.ForString("theirs") } } },
    };
}
