using System.Text.Json;
using GenAI.Chats.Client.AI;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.Tests.AI;

public sealed class ExactNumberTests
{
    [Fact]
    public void ToAIContent_ArgumentsBeyondDouble_AreExact()
    {
        var call = new FunctionCall
        {
            Name = "f",
            Args = new Struct { Fields = { ["id"] = Value.ForNumber(1234567890123456800d), ["n"] = Value.ForNumber(5) } },
            ArgsJson = new ExactJson { Members = { ["id"] = "1234567890123456789" } },
        };

        var content = Assert.IsType<FunctionCallContent>(ContentMapper.ToAIContent(new Part { FunctionCall = call }, 0));

        Assert.Equal((1234567890123456789, 5), (((JsonElement)content.Arguments!["id"]!).GetInt64(), ((JsonElement)content.Arguments["n"]!).GetInt32()));
    }

    [Fact]
    public void Answer_ResultBeyondDouble_IsExact()
    {
        using var big = JsonDocument.Parse("""{"a":[1e400],"b":0.5,"c":"x"}""");

        var number = CallIds.Answer(new FunctionResultContent("f/1", 1234567890123456789), []);
        var json = CallIds.Answer(new FunctionResultContent("f/1", big.RootElement), []);
        var small = CallIds.Answer(new FunctionResultContent("f/1", 5), []);

        Assert.Equal(new Dictionary<string, string> { ["output"] = "1234567890123456789" }, number.ResponseJson.Members);
        Assert.Equal(1234567890123456800d, number.Response.Fields["output"].NumberValue);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "[1e400]" }, json.ResponseJson.Members);
        Assert.Equal((double.MaxValue, 0.5, "x"), (json.Response.Fields["a"].ListValue.Values[0].NumberValue, json.Response.Fields["b"].NumberValue, json.Response.Fields["c"].StringValue));
        Assert.Null(small.ResponseJson);
    }

    [Fact]
    public void Call_ArgumentsBeyondDouble_AreExact()
    {
        var call = CallIds.Call(new FunctionCallContent("f/1", "f", new Dictionary<string, object?> { ["id"] = ulong.MaxValue, ["n"] = 1.5m }));

        Assert.Equal(new Dictionary<string, string> { ["id"] = "18446744073709551615" }, call.ArgsJson.Members);
        Assert.Equal(1.5, call.Args.Fields["n"].NumberValue);
    }
}
