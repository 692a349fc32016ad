"""usage: websocket_echo.py URL     says what comes back"""
import asyncio, sys
import websockets


async def echo():
    async with websockets.connect(sys.argv[1]) as connection:
        await connection.send("tiny works")
        print(await connection.recv())


asyncio.run(echo())
